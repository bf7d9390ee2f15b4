package io.salver.lifecycle;

import java.nio.file.Path;
import java.util.Map;

/**
 * A model that is to be served.
 *
 * @param name its name in requests
 * @param basePath the directory whose sub-directories are versions
 * @param platform the engine's name, or empty to find out from the files
 * @param versions which of the versions that are found to serve
 * @param labels names for versions
 */
public record ModelConfig(
    String name, Path basePath, String platform, VersionPolicy versions, Map<String, Long> labels) {
  public ModelConfig {
    labels = Map.copyOf(labels);
    if (name.isEmpty() || !basePath.isAbsolute()) {
      throw new IllegalArgumentException(
          "model: name \""
              + name
              + "\", base path \""
              + basePath
              + "\" (expected: a name, and an absolute path)");
    }
  }
}
