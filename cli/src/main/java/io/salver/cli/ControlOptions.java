package io.salver.cli;

import picocli.CommandLine.Option;

/** Which server a command is for. */
final class ControlOptions {
  @Option(
      names = "--address",
      paramLabel = "URL",
      description =
          "The server (default: ${DEFAULT-VALUE}). An API key is taken from the environment"
              + " variable SALVER_API_KEY.",
      defaultValue = ControlClient.DEFAULT_ADDRESS)
  String address = ControlClient.DEFAULT_ADDRESS;

  ControlClient client() {
    return new ControlClient(address);
  }
}
