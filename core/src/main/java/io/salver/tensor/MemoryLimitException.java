package io.salver.tensor;

/** A request asked for more memory than it may have. */
public final class MemoryLimitException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean passing;

  private MemoryLimitException(String message, boolean passing) {
    super(message, null, false, false);
    this.passing = passing;
  }

  /** More than one request may have, whatever else is going on. */
  static MemoryLimitException ofOne(long askedBytes, long usedBytes, long limitBytes) {
    return new MemoryLimitException(
        message("tensor memory", askedBytes, usedBytes, limitBytes, "in one request"), false);
  }

  /** More than is left beside the other requests. */
  static MemoryLimitException ofAll(long askedBytes, long usedBytes, long limitBytes) {
    return new MemoryLimitException(
        message("request memory", askedBytes, usedBytes, limitBytes, "in all requests together"),
        true);
  }

  private static String message(String what, long asked, long used, long limit, String where) {
    return "%s: %d bytes beside %d in use (expected: at most %d %s)"
        .formatted(what, asked, used, limit, where);
  }

  /** Whether the same request may succeed when others have ended. */
  public boolean isPassing() {
    return passing;
  }
}
