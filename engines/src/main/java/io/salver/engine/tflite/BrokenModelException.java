package io.salver.engine.tflite;

/** A model file is not what it has to be. */
final class BrokenModelException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean cutShort;

  private BrokenModelException(String message, boolean cutShort) {
    super(message, null, false, false);
    this.cutShort = cutShort;
  }

  /** The file says something that cannot be. */
  static BrokenModelException of(String message) {
    return new BrokenModelException(message, false);
  }

  /** The file refers to bytes that it has not: it may still be on its way. */
  static BrokenModelException cutShort(String message) {
    return new BrokenModelException(message, true);
  }

  /** Whether the same file may be whole later. */
  boolean isCutShort() {
    return cutShort;
  }

  /** The message; never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
