package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.cli.config.ListenConfig;
import io.salver.cli.config.SalverConfig;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The models in the repository's {@code examples/models}. */
final class ExampleModels {
  private ExampleModels() {}

  /**
   * Serves them all.
   *
   * @throws ConfigException if they are not where {@code salver.home} says
   */
  static SalverConfig config(ListenConfig listen) {
    Path models = directory();
    return SalverConfig.DEFAULT
        .withListen(listen)
        .withModels(
            List.of(
                latest(models, "half_plus_two"),
                new ModelConfig(
                    "food_delivery_eta",
                    models.resolve("food_delivery_eta"),
                    "",
                    new VersionPolicy.All(),
                    Map.of("stable", 1L, "canary", 2L)),
                latest(models, "food_delivery_late"),
                latest(models, "dish")));
  }

  private static ModelConfig latest(Path models, String name) {
    return new ModelConfig(name, models.resolve(name), "", VersionPolicy.LATEST, Map.of());
  }

  private static Path directory() {
    Path models =
        Path.of(System.getProperty("salver.home", "."))
            .resolve("examples/models")
            .toAbsolutePath()
            .normalize();
    if (!Files.isDirectory(models)) {
      throw new ConfigException(
          "example models: " + models + " (expected: a directory; use ./salver in the repository)");
    }
    return models;
  }

  /** A picture that {@code dish} takes. */
  static Path image() {
    return directory().resolveSibling("images").resolve("pizza.jpg");
  }
}
