package io.salver.server.triton;

/** What is wrong with a configuration: field, value and expectation. */
final class ConfigProblem extends Exception {
  private static final long serialVersionUID = 1;

  ConfigProblem(String message) {
    super(message);
  }
}
