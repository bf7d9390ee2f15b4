package io.salver.cli.config;

/**
 * What one request, and all together, may take.
 *
 * @param maxRequestBytes the largest request body or gRPC message
 * @param maxRequestTensorBytes the most tensor memory of one request
 * @param maxInFlightRequests requests decoded and not yet answered
 * @param maxInFlightBytes the bodies and tensors that they may hold together
 * @param maxQueuedPerModel requests that may wait for a model that is slow
 */
public record LimitsConfig(
    int maxRequestBytes,
    long maxRequestTensorBytes,
    int maxInFlightRequests,
    long maxInFlightBytes,
    int maxQueuedPerModel) {
  /** 256 MiB in a request, 1 GiB of its tensors, 2 GiB for all. */
  public static final LimitsConfig DEFAULT =
      new LimitsConfig(256 << 20, 1L << 30, 10_000, 2L << 30, 1_000);

  public LimitsConfig {
    if (maxRequestBytes < 1
        || maxRequestTensorBytes < 1
        || maxInFlightRequests < 1
        || maxInFlightBytes < 1
        || maxQueuedPerModel < 1) {
      throw new ConfigException("limits: one is below 1 (expected: >= 1 each)");
    }
  }
}
