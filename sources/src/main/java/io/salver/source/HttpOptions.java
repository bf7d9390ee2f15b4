package io.salver.source;

import java.nio.file.Path;
import java.util.Map;

/**
 * How web servers are asked.
 *
 * @param bearerTokenFiles for hosts that want one, the file with the token, which is read anew for
 *     each request; such hosts' redirections are not followed. A host, as {@code
 *     models.example.org}, is sent it by https only; by http if it is written as {@code
 *     http://models.example.org}
 */
public record HttpOptions(Map<String, Path> bearerTokenFiles) {
  /** Without tokens. */
  public static final HttpOptions DEFAULT = new HttpOptions(Map.of());

  public HttpOptions {
    bearerTokenFiles = Map.copyOf(bearerTokenFiles);
  }
}
