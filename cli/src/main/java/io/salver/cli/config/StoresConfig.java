package io.salver.cli.config;

import io.salver.control.AllowedStores;
import io.salver.engine.NativeCache;
import io.salver.source.HttpOptions;
import io.salver.source.S3Options;
import io.salver.source.StoreOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How models in stores are looked after.
 *
 * @param cache where versions are kept on this machine; empty for a directory of the user's
 * @param cacheBytes the most that they may take; 0 for what the disk has
 * @param poll the time between two looks at a model; zero for one look
 * @param quietPeriod for how long objects must not have changed before their version is taken
 * @param maxVersionBytes the most that one version may have
 * @param downloads versions that are downloaded side by side
 * @param byRequest from where clients may have models served
 */
public record StoresConfig(
    Optional<Path> cache,
    long cacheBytes,
    Duration poll,
    Duration quietPeriod,
    long maxVersionBytes,
    int downloads,
    AllowedStores byRequest,
    S3Options s3,
    HttpOptions http) {
  /** What holds when nothing is said. */
  public static final StoresConfig DEFAULT =
      new StoresConfig(
          Optional.empty(),
          0,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          64L << 30,
          2,
          AllowedStores.NONE,
          S3Options.DEFAULT,
          HttpOptions.DEFAULT);

  public StoresConfig {
    if (poll.isNegative() || quietPeriod.isNegative()) {
      throw new ConfigException(
          "stores: poll " + poll + ", quiet_period " + quietPeriod + " (expected: >= 0 each)");
    }
    if (cacheBytes < 0) {
      throw new ConfigException("stores.cache_size: " + cacheBytes + " (expected: >= 0)");
    }
    if (maxVersionBytes < 1) {
      throw new ConfigException(
          "stores.max_version_size: " + maxVersionBytes + " (expected: >= 1)");
    }
    if (downloads < 1) {
      throw new ConfigException("stores.downloads: " + downloads + " (expected: >= 1)");
    }
  }

  /** What the source takes. */
  public StoreOptions options() {
    return new StoreOptions(
        cache.orElseGet(() -> NativeCache.home().resolve("models")),
        cacheBytes == 0 ? Long.MAX_VALUE : cacheBytes,
        poll,
        quietPeriod,
        maxVersionBytes,
        downloads,
        s3,
        http);
  }

  static StoresConfig read(Section s) {
    StoresConfig d = DEFAULT;
    StoresConfig stores =
        new StoresConfig(
            s.path("cache"),
            s.sizeBytes("cache_size", d.cacheBytes()),
            s.duration("poll", d.poll()),
            s.duration("quiet_period", d.quietPeriod()),
            s.sizeBytes("max_version_size", d.maxVersionBytes()),
            s.integer("downloads", d.downloads()),
            byRequest(s),
            s3(s.section("s3")),
            http(s.section("http")));
    s.end();
    return stores;
  }

  private static AllowedStores byRequest(Section s) {
    try {
      return new AllowedStores(s.strings("by_request"));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(s.at("by_request") + ": " + e.getMessage());
    }
  }

  private static S3Options s3(Section s) {
    S3Options s3 =
        new S3Options(
            s.string("endpoint").map(text -> endpoint(s, text)),
            s.string("region"),
            s.has("path_style") ? Optional.of(s.bool("path_style", true)) : Optional.empty(),
            s.string("profile"),
            s.bool("anonymous", false));
    s.end();
    return s3;
  }

  private static URI endpoint(Section s, String text) {
    try {
      URI uri = new URI(text);
      boolean isWeb = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (isWeb && uri.getHost() != null && uri.getRawUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // The text may have a password in it.
    }
    throw new ConfigException(
        s.at("endpoint") + ": not one (expected: https://HOST:PORT, without a user)");
  }

  private static HttpOptions http(Section s) {
    Section files = s.section("bearer_token_files");
    Map<String, Path> tokens = new LinkedHashMap<>();
    for (String host : files.names()) {
      tokens.put(host, files.requiredPath(host));
    }
    s.end();
    return new HttpOptions(tokens);
  }
}
