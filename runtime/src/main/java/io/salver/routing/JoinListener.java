package io.salver.routing;

/**
 * Told which prediction a caller has a name of its own for, by which it will send feedback. Called
 * by threads that serve requests: must not block.
 */
@FunctionalInterface
public interface JoinListener {
  /** The header, or metadata in gRPC, by which callers name a prediction. */
  String HEADER = "salver-join-key";

  /** Tells nobody. */
  JoinListener NONE = (endpoint, joinKey, predictionId) -> {};

  /** A prediction that {@code joinKey} stands for is about to be answered. */
  void answered(String endpoint, String joinKey, String predictionId);
}
