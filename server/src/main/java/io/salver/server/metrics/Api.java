package io.salver.server.metrics;

/** How a request came. */
public enum Api {
  /** TensorFlow Serving's REST API. */
  REST,
  /** TensorFlow Serving's gRPC services. */
  GRPC,
  /** The Open Inference Protocol over REST. */
  OIP_REST,
  /** The Open Inference Protocol over gRPC. */
  OIP_GRPC;

  private static final Api[] ALL = values();
  static final int COUNT = ALL.length;

  static Api of(int ordinal) {
    return ALL[ordinal];
  }
}
