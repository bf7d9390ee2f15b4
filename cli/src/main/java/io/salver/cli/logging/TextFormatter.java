package io.salver.cli.logging;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/** A line for people: time, level, the logger's short name, message; an exception below it. */
final class TextFormatter extends Formatter {
  private final DateTimeFormatter time;

  TextFormatter() {
    this(ZoneId.systemDefault());
  }

  TextFormatter(ZoneId zone) {
    this.time = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(zone);
  }

  @Override
  public String format(LogRecord record) {
    StringBuilder line = new StringBuilder(160);
    time.formatTo(record.getInstant(), line);
    line.append(' ').append(padded(Logging.levelName(record.getLevel())));
    line.append(' ').append(shortName(record.getLoggerName())).append(": ");
    appendPrintable(line, formatMessage(record));
    line.append(System.lineSeparator());
    if (record.getThrown() != null) {
      line.append(stackTrace(record.getThrown()));
    }
    return line.toString();
  }

  private static String padded(String level) {
    return level + " ".repeat(Math.max(0, "WARNING".length() - level.length()));
  }

  /** The part of a logger's name after its last dot. */
  static String shortName(@Nullable String loggerName) {
    return loggerName == null ? "" : loggerName.substring(loggerName.lastIndexOf('.') + 1);
  }

  /**
   * Control characters are shown, not sent to the terminal, and no message can look like two lines:
   * what a client sent may be part of it.
   */
  private static void appendPrintable(StringBuilder to, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        to.append("\\n");
      } else if (Character.isISOControl(c) && c != '\t') {
        to.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
      } else {
        to.append(c);
      }
    }
  }

  static String stackTrace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
