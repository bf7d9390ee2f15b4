package io.salver.engine.onnx;

/** ONNX Runtime refused a call. */
final class OrtException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final int INVALID_ARGUMENT = 2;

  private final int code;

  /**
   * What a status said.
   *
   * @param code an {@code OrtErrorCode}
   */
  OrtException(int code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  /** Whether the runtime blames what it was given, rather than itself. */
  boolean isInvalidArgument() {
    return code == INVALID_ARGUMENT;
  }

  /** The runtime's words in one line. */
  @Override
  public String getMessage() {
    String message = super.getMessage();
    return message == null ? "" : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
