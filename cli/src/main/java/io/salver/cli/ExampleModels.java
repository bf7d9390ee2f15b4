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
    ModelConfig halfPlusTwo =
        new ModelConfig(
            "half_plus_two", models.resolve("half_plus_two"), "", VersionPolicy.LATEST, Map.of());
    ModelConfig eta =
        new ModelConfig(
            "food_delivery_eta",
            models.resolve("food_delivery_eta"),
            "",
            new VersionPolicy.All(),
            Map.of("stable", 1L, "canary", 2L));
    return SalverConfig.DEFAULT.withListen(listen).withModels(List.of(halfPlusTwo, eta));
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
}
