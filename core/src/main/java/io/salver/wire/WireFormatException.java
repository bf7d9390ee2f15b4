package io.salver.wire;

/** Bytes that are not a message of the wire format. The message says where and what is wrong. */
public final class WireFormatException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public WireFormatException(String message) {
    super(message, null, false, false);
  }
}
