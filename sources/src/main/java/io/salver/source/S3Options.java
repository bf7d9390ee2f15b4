package io.salver.source;

import java.net.URI;
import java.util.Optional;

/**
 * How S3-compatible stores are reached. Who asks is found by the AWS SDK in the usual places: the
 * environment, {@code ~/.aws}, roles of containers and instances.
 *
 * @param endpoint a store that is not AWS's own; otherwise what the environment or the profile says
 * @param region otherwise what they say, or else us-east-1 with an endpoint of one's own
 * @param pathStyle whether the bucket is in the path and not in the host's name; if empty, with
 *     every endpoint of one's own
 * @param profile of {@code ~/.aws}
 * @param anonymous whether requests are not signed, as public buckets allow
 */
public record S3Options(
    Optional<URI> endpoint,
    Optional<String> region,
    Optional<Boolean> pathStyle,
    Optional<String> profile,
    boolean anonymous) {
  /** As the environment has it. */
  public static final S3Options DEFAULT =
      new S3Options(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false);
}
