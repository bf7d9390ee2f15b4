package io.salver.source;

import java.io.IOException;

/**
 * A store, or the cache, did not do what was asked; the message says which place and why, in the
 * same words as long as it is the same.
 */
class StoreException extends IOException {
  StoreException(String message) {
    super(message);
  }

  StoreException(String message, Throwable cause) {
    super(message, cause);
  }

  /** What was to be read is not any more what was listed. */
  static final class Changed extends StoreException {
    Changed(String message) {
      super(message);
    }
  }

  /** What was read is not what its digest says. */
  static final class Mismatch extends StoreException {
    Mismatch(String message) {
      super(message);
    }
  }

  /** It has no room here. */
  static final class NoRoom extends StoreException {
    private final long leastBytes;

    NoRoom(String message) {
      super(message);
      leastBytes = 0;
    }

    NoRoom(String message, long leastBytes, Throwable cause) {
      super(message, cause);
      this.leastBytes = leastBytes;
    }

    /** What the version is known to have, at the least. */
    long leastBytes() {
      return leastBytes;
    }
  }
}
