package io.salver.endpoint;

/** Which models an endpoint's routes may name. Thread-safe. */
@FunctionalInterface
public interface KnownModels {
  /** Whether there is a model of this name, served or not. */
  boolean isKnown(String model);
}
