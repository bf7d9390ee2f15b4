package io.salver.server.trace;

import org.jspecify.annotations.Nullable;

/**
 * What a caller says of the trace that its request belongs to: W3C Trace Context, version 00 and
 * what later versions have in common with it.
 *
 * @param traceId 32 hexadecimal digits in lower case, not all 0
 * @param spanId of the caller's span: 16 of them, not all 0
 * @param flags 2 of them
 * @param state what the caller's tracing system says beside, as it came; empty if nothing
 * @see <a href="https://www.w3.org/TR/trace-context/">Trace Context</a>
 */
public record TraceContext(String traceId, String spanId, String flags, String state) {
  /** The header that has ids and flags. */
  public static final String PARENT = "traceparent";

  /** The header that has the state. */
  public static final String STATE = "tracestate";

  private static final int MAX_STATE = 512;
  private static final int TRACE = 3;
  private static final int SPAN = 36;
  private static final int FLAGS = 53;
  private static final int LENGTH = 55;

  /** Reads the headers; null if there are none, or they cannot be read, which is then as if. */
  public static @Nullable TraceContext parse(@Nullable String parent, @Nullable String state) {
    if (parent == null || !isWellFormed(parent)) {
      return null;
    }
    String traceId = parent.substring(TRACE, SPAN - 1);
    String spanId = parent.substring(SPAN, FLAGS - 1);
    if (isZero(traceId) || isZero(spanId)) {
      return null;
    }
    String kept = state == null || state.length() > MAX_STATE ? "" : state;
    return new TraceContext(traceId, spanId, parent.substring(FLAGS, LENGTH), kept);
  }

  private static boolean isWellFormed(String parent) {
    if (parent.length() < LENGTH
        || !isHex(parent, 0, TRACE - 1)
        || parent.startsWith("ff")
        || parent.charAt(TRACE - 1) != '-'
        || parent.charAt(SPAN - 1) != '-'
        || parent.charAt(FLAGS - 1) != '-') {
      return false;
    }
    boolean ends =
        parent.length() == LENGTH || !parent.startsWith("00") && parent.charAt(LENGTH) == '-';
    return ends
        && isHex(parent, TRACE, SPAN - 1)
        && isHex(parent, SPAN, FLAGS - 1)
        && isHex(parent, FLAGS, LENGTH);
  }

  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(String hex) {
    return hex.chars().allMatch(c -> c == '0');
  }

  /** Whether the caller records its span. */
  public boolean isSampled() {
    return (Character.digit(flags.charAt(1), 16) & 1) != 0;
  }
}
