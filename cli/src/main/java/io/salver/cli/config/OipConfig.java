package io.salver.cli.config;

/**
 * What clients of the Open Inference Protocol may do beside predictions.
 *
 * @param sharedMemory whether they may have the server read and write the system's shared memory
 * @param settings whether they may change the log's settings
 */
public record OipConfig(boolean sharedMemory, boolean settings) {
  /** Neither. */
  public static final OipConfig DEFAULT = new OipConfig(false, false);
}
