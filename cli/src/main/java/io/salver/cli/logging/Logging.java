package io.salver.cli.logging;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Sets how the process logs. To be called before anything logs; calling it again replaces it. */
public final class Logging {
  private static final Logger ROOT = Logger.getLogger("");

  private final Handler handler;

  private Logging(Handler handler) {
    this.handler = handler;
  }

  /**
   * From now on everything from {@code level} on goes to standard error in this format; nothing
   * goes anywhere else.
   *
   * @return what can still write when the virtual machine ends
   */
  public static Logging configure(LogFormat format, System.Logger.Level level) {
    LogManager.getLogManager().reset();
    // Netty would take SLF4J where it finds it, and load it at every start.
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    Level least = julLevel(level);
    Formatter formatter =
        switch (format) {
          case TEXT -> new TextFormatter();
          case JSON -> new JsonFormatter();
        };
    Handler handler = new StandardErrorHandler(System.err, formatter);
    handler.setLevel(least);
    ROOT.setLevel(least);
    ROOT.addHandler(handler);
    return new Logging(handler);
  }

  /** Writes a message of INFO, also while the virtual machine ends and loggers are silent. */
  public void lastWords(Class<?> logger, String message) {
    LogRecord record = new LogRecord(Level.INFO, message);
    record.setLoggerName(logger.getName());
    handler.publish(record);
  }

  static Level julLevel(System.Logger.Level level) {
    return switch (level) {
      case ALL -> Level.ALL;
      case TRACE -> Level.FINER;
      case DEBUG -> Level.FINE;
      case INFO -> Level.INFO;
      case WARNING -> Level.WARNING;
      case ERROR -> Level.SEVERE;
      case OFF -> Level.OFF;
    };
  }

  /** The name of a level as {@link System.Logger} has it. */
  static String levelName(Level level) {
    int value = level.intValue();
    if (value >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    if (value >= Level.WARNING.intValue()) {
      return "WARNING";
    }
    if (value >= Level.INFO.intValue()) {
      return "INFO";
    }
    return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
  }
}
