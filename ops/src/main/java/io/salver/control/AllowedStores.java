package io.salver.control;

import io.salver.lifecycle.BasePath;
import io.salver.lifecycle.ModelConfig;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.Collection;
import java.util.List;

/**
 * From which stores clients may have models served: some models are code, and whoever says where
 * they come from says what runs here. Immutable.
 *
 * @param prefixes as {@code s3://models/prod}: what is there, and what is behind a slash
 */
public record AllowedStores(List<String> prefixes) {
  /** None but what is configured. */
  public static final AllowedStores NONE = new AllowedStores(List.of());

  /**
   * Those below some places.
   *
   * @throws IllegalArgumentException if one is not a place in a store
   */
  public AllowedStores {
    prefixes = prefixes.stream().map(AllowedStores::prefix).toList();
  }

  private static String prefix(String text) {
    if (BasePath.parse(text) instanceof BasePath.Remote remote) {
      return remote.toString();
    }
    throw new IllegalArgumentException(text + " (expected: s3://..., https://... or http://...)");
  }

  /**
   * Lets a client's configuration through.
   *
   * @param declared as it was configured so far; what is in it may stay
   * @throws ServingException PERMISSION_DENIED if a model comes from somewhere else
   */
  void check(Collection<ModelConfig> wanted, Collection<ModelConfig> declared) {
    for (ModelConfig model : wanted) {
      BasePath path = model.basePath();
      if (path instanceof BasePath.Remote
          && !isAllowed(path.toString())
          && declared.stream().noneMatch(known -> known.basePath().equals(path))) {
        throw new ServingException(
            Category.PERMISSION_DENIED,
            "model "
                + model.name()
                + ": base_path: "
                + path
                + " (expected: below one of stores.by_request, which are "
                + prefixes
                + ", or what is configured; nothing was changed)");
      }
    }
  }

  private boolean isAllowed(String path) {
    return !hasDots(path)
        && prefixes.stream()
            .anyMatch(prefix -> path.equals(prefix) || path.startsWith(prefix + "/"));
  }

  /** Whether it may lead out of where it seems to be; percent-encoded dots do, too. */
  private static boolean hasDots(String path) {
    String plain = path.replaceAll("(?i)%2e", ".").replaceAll("(?i)%2f", "/");
    return plain.contains("/../") || plain.endsWith("/..");
  }
}
