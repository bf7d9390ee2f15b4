package io.salver.cli.logging;

import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * A line of JSON for each record: {@code time} (ISO 8601, UTC), {@code level}, {@code logger},
 * {@code thread}, {@code message}, and {@code error} with {@code type}, {@code message} and {@code
 * stack} where there is an exception.
 */
final class JsonFormatter extends Formatter {
  @Override
  public String format(LogRecord record) {
    StringBuilder line = new StringBuilder(256).append('{');
    field(line, "time", record.getInstant().toString());
    field(line.append(','), "level", Logging.levelName(record.getLevel()));
    String logger = record.getLoggerName();
    field(line.append(','), "logger", logger == null ? "" : logger);
    field(line.append(','), "thread", threadName(record.getLongThreadID()));
    field(line.append(','), "message", formatMessage(record));
    if (record.getThrown() != null) {
      line.append(",\"error\":");
      error(line, record.getThrown());
    }
    return line.append("}\n").toString();
  }

  /** Records carry the thread's number; they are formatted by the thread itself. */
  private static String threadName(long threadId) {
    Thread current = Thread.currentThread();
    return current.threadId() == threadId && !current.getName().isEmpty()
        ? current.getName()
        : "#" + threadId;
  }

  private static void error(StringBuilder to, Throwable thrown) {
    String message = thrown.getMessage();
    field(to.append('{'), "type", thrown.getClass().getName());
    field(to.append(','), "message", message == null ? "" : message);
    field(to.append(','), "stack", TextFormatter.stackTrace(thrown));
    to.append('}');
  }

  private static void field(StringBuilder to, String name, String value) {
    to.append('"').append(name).append("\":\"");
    for (int i = 0; i < value.length(); i++) {
      appendEscaped(to, value, i);
    }
    to.append('"');
  }

  private static void appendEscaped(StringBuilder to, String value, int i) {
    char c = value.charAt(i);
    switch (c) {
      case '"' -> to.append("\\\"");
      case '\\' -> to.append("\\\\");
      case '\n' -> to.append("\\n");
      case '\r' -> to.append("\\r");
      case '\t' -> to.append("\\t");
      default -> {
        if (c < ' ' || c == 0x7f || isLoneSurrogate(value, i)) {
          to.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        } else {
          to.append(c);
        }
      }
    }
  }

  /** Half of a surrogate pair cannot be written in UTF-8. */
  private static boolean isLoneSurrogate(String value, int i) {
    char c = value.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == value.length() || !Character.isLowSurrogate(value.charAt(i + 1));
    }
    return Character.isLowSurrogate(c)
        && (i == 0 || !Character.isHighSurrogate(value.charAt(i - 1)));
  }
}
