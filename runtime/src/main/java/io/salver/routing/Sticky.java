package io.salver.routing;

/** By what requests are told apart that shall always take the same route. */
public sealed interface Sticky {
  /**
   * By a header, or metadata in gRPC.
   *
   * @param name in lower case
   */
  record Header(String name) implements Sticky {}

  /** By the first element of an input. */
  record Input(String name) implements Sticky {}
}
