package io.salver.cli.config;

import java.time.Duration;

/**
 * What REST and gRPC answers look like.
 *
 * @param timeout after which a REST request is answered with an error
 * @param cors whether browsers of other origins may call
 * @param tensorContent whether gRPC answers carry numbers as raw bytes in place of typed lists
 * @param compressFromBytes the shortest REST answer that is compressed for clients that accept it;
 *     0 for none
 * @param clipperApi whether Clipper's paths are answered as well
 */
public record RestConfig(
    Duration timeout,
    boolean cors,
    boolean tensorContent,
    int compressFromBytes,
    boolean clipperApi) {
  /** 30 seconds, no CORS, typed lists, nothing compressed: as TF Serving has it. */
  public static final RestConfig DEFAULT =
      new RestConfig(Duration.ofSeconds(30), false, false, 0, false);

  public RestConfig {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new ConfigException("timeout: " + timeout + " (expected: more than 0)");
    }
  }
}
