package io.salver.engine.oip;

/**
 * How a gRPC call ended.
 *
 * @param status by gRPC's number; 0 for success
 * @param message the error's text, or empty
 * @param body the answer's message; empty without success
 */
record GrpcReply(int status, String message, byte[] body) {
  static final int OK = 0;
  static final int UNKNOWN = 2;
  static final int INTERNAL = 13;
}
