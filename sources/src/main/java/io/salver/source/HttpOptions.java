package io.salver.source;

import java.nio.file.Path;
import java.util.Map;

/**
 * How web servers are asked.
 *
 * @param bearerTokenFiles for hosts that want one, the file with the token, which is read anew for
 *     each request; such hosts' redirections are not followed
 */
public record HttpOptions(Map<String, Path> bearerTokenFiles) {
  /** Without tokens. */
  public static final HttpOptions DEFAULT = new HttpOptions(Map.of());

  public HttpOptions {
    bearerTokenFiles = Map.copyOf(bearerTokenFiles);
  }
}
