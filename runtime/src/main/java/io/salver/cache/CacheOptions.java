package io.salver.cache;

/**
 * The prediction cache of a model. Only for models whose answer depends on nothing but the inputs.
 *
 * @param maxBytes what the cache of one version may take, keys and answers together; at least 1
 */
public record CacheOptions(long maxBytes) {
  public CacheOptions {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("cache: " + maxBytes + " bytes (expected: >= 1)");
    }
  }
}
