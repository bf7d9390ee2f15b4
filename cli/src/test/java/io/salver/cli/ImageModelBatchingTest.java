package io.salver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.batching.ModelRunner;
import io.salver.batching.RunnerConfig;
import io.salver.cli.config.EnginesConfig;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.lifecycle.VersionRunner;
import io.salver.model.ModelVersion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;

/**
 * The example that takes a JPEG and gives names is found to be one whose requests may share runs.
 */
class ImageModelBatchingTest {
  private static final Path DISH =
      Path.of(System.getProperty("basedir", ".")).resolve("../examples/models/dish/1");

  /** Keeps what is said of batching. */
  private static final class Said extends Handler {
    private final List<String> messages = new ArrayList<>();

    @Override
    public void publish(LogRecord line) {
      messages.add(new SimpleFormatter().formatMessage(line));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void aModelWithAnImageStepIsBatched() throws Exception {
    ModelFiles files = new ModelFiles(DISH);
    Engines engines = Engines.create(EnginesConfig.DEFAULT);
    Logger log = Logger.getLogger("io.salver.batching.Batchability");
    Said said = new Said();
    log.addHandler(said);
    Engine engine =
        engines.all().stream()
            .filter(e -> e.inspect(files) instanceof Inspection.Ready)
            .findFirst()
            .orElseThrow();
    try (LoadedModel model = engine.load(files, EngineOptions.DEFAULT);
        VersionRunner runner =
            ModelRunner.factory(RunnerConfig.DEFAULT).create(new ModelVersion("dish", 1), model)) {
      runner.warmed();
    } finally {
      log.removeHandler(said);
      engines.all().forEach(Engine::close);
    }
    assertThat(said.messages)
        .singleElement()
        .asString()
        .endsWith("signature serving_default: requests are batched");
  }
}
