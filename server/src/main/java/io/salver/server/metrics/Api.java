package io.salver.server.metrics;

/** How a request came. */
public enum Api {
  REST,
  GRPC;

  private static final Api[] ALL = values();
  static final int COUNT = ALL.length;

  static Api of(int ordinal) {
    return ALL[ordinal];
  }
}
