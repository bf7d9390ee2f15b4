package io.salver.source;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How models in stores are looked after.
 *
 * @param cache where versions are kept on this machine; made if it is not there
 * @param cacheBytes the most that they may take
 * @param poll the time between two looks at a model; zero for one look, which is repeated until it
 *     succeeds
 * @param quietPeriod for how long objects of a version must not have changed before it is taken,
 *     where no list of checksums says that it is complete
 * @param maxVersionBytes the most that one version may have
 * @param downloads versions that are downloaded side by side
 */
public record StoreOptions(
    Path cache,
    long cacheBytes,
    Duration poll,
    Duration quietPeriod,
    long maxVersionBytes,
    int downloads,
    S3Options s3,
    HttpOptions http) {
  public StoreOptions {
    if (poll.isNegative() || quietPeriod.isNegative()) {
      throw new IllegalArgumentException(
          "poll: " + poll + ", quiet period: " + quietPeriod + " (expected: >= 0)");
    }
    if (cacheBytes < 1 || maxVersionBytes < 1 || downloads < 1) {
      throw new IllegalArgumentException(
          "cache size: "
              + cacheBytes
              + ", version size: "
              + maxVersionBytes
              + ", downloads: "
              + downloads
              + " (expected: >= 1)");
    }
  }
}
