package io.salver.tensor;

/** A request asked for more tensor memory than one request may have. */
public final class MemoryLimitException extends RuntimeException {
  MemoryLimitException(long askedBytes, long usedBytes, long limitBytes) {
    super(
        "tensor memory: "
            + askedBytes
            + " bytes beside "
            + usedBytes
            + " in use (expected: at most "
            + limitBytes
            + " in one request)",
        null,
        false,
        false);
  }
}
