package io.salver.server.grpc;

/** Why a call is failed by this layer. Has no stack trace: it is an everyday answer. */
final class GrpcProblem extends Exception {
  private static final long serialVersionUID = 1;

  private final GrpcStatus status;

  GrpcProblem(GrpcStatus status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  GrpcStatus status() {
    return status;
  }

  String text() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
