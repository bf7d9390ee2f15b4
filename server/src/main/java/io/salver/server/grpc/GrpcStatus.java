package io.salver.server.grpc;

import io.netty.util.AsciiString;
import io.salver.predict.Category;

/** How a call ended, with the numbers that gRPC gives to the names. */
public enum GrpcStatus {
  OK(0),
  CANCELLED(1),
  UNKNOWN(2),
  INVALID_ARGUMENT(3),
  DEADLINE_EXCEEDED(4),
  NOT_FOUND(5),
  ALREADY_EXISTS(6),
  PERMISSION_DENIED(7),
  RESOURCE_EXHAUSTED(8),
  FAILED_PRECONDITION(9),
  ABORTED(10),
  OUT_OF_RANGE(11),
  UNIMPLEMENTED(12),
  INTERNAL(13),
  UNAVAILABLE(14),
  DATA_LOSS(15),
  UNAUTHENTICATED(16);

  private final int code;
  private final AsciiString text;

  GrpcStatus(int code) {
    this.code = code;
    this.text = AsciiString.cached(Integer.toString(code));
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  AsciiString text() {
    return text;
  }

  /** The status that says what {@code category} says. */
  public static GrpcStatus of(Category category) {
    return switch (category) {
      case CANCELLED -> CANCELLED;
      case UNKNOWN -> UNKNOWN;
      case INVALID_ARGUMENT -> INVALID_ARGUMENT;
      case DEADLINE_EXCEEDED -> DEADLINE_EXCEEDED;
      case NOT_FOUND -> NOT_FOUND;
      case ALREADY_EXISTS -> ALREADY_EXISTS;
      case PERMISSION_DENIED -> PERMISSION_DENIED;
      case RESOURCE_EXHAUSTED -> RESOURCE_EXHAUSTED;
      case FAILED_PRECONDITION -> FAILED_PRECONDITION;
      case ABORTED -> ABORTED;
      case OUT_OF_RANGE -> OUT_OF_RANGE;
      case UNIMPLEMENTED -> UNIMPLEMENTED;
      case INTERNAL -> INTERNAL;
      case UNAVAILABLE -> UNAVAILABLE;
      case DATA_LOSS -> DATA_LOSS;
      case UNAUTHENTICATED -> UNAUTHENTICATED;
    };
  }
}
