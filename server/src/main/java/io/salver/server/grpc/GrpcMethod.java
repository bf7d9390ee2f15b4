package io.salver.server.grpc;

/** A method that is served. */
public sealed interface GrpcMethod {
  /** As {@code pkg.Service/Method}. */
  String fullName();

  /** A method with one request message and one reply message. */
  record Unary(String fullName, UnaryHandler handler) implements GrpcMethod {
    public Unary {
      requireName(fullName);
    }
  }

  /** A method with any number of messages either way. */
  record Streaming(String fullName, StreamHandler handler) implements GrpcMethod {
    public Streaming {
      requireName(fullName);
    }
  }

  private static void requireName(String fullName) {
    int slash = fullName.indexOf('/');
    if (slash < 1 || slash == fullName.length() - 1 || slash != fullName.lastIndexOf('/')) {
      throw new IllegalArgumentException(
          "method: \"" + fullName + "\" (expected: as pkg.Service/Method)");
    }
  }
}
