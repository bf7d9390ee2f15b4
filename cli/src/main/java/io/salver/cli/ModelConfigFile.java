package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.control.Configurations;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.ModelServerConfigs;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A ModelServerConfig in a text file, read at start and, if that is wanted, again and again. A file
 * that has become unreadable or wrong changes nothing but the log.
 */
final class ModelConfigFile implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ModelConfigFile.class.getName());
  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(5);

  private final Path file;
  private final Set<String> platforms;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("salver-model-config").factory());
  private String lastText;
  private String lastProblem = "";

  /**
   * Reads the file for the first time.
   *
   * @param platforms the engines that it may name
   * @throws ConfigException if it cannot be read or is wrong
   */
  ModelConfigFile(Path file, Set<String> platforms) {
    this.file = file;
    this.platforms = platforms;
    try {
      this.lastText = Files.readString(file);
      var unused = parse(lastText);
    } catch (IOException e) {
      throw new ConfigException("model configuration file: " + file + " cannot be read: " + e);
    } catch (ServingException e) {
      throw new ConfigException(file + ": " + e.getMessage());
    }
  }

  /** What it said when it was read at start. */
  ModelServerConfigs initial() {
    return parse(lastText);
  }

  private ModelServerConfigs parse(String text) {
    return ModelServerConfigs.parse(text, platforms);
  }

  /**
   * Reads it again every {@code interval} and brings what has changed into effect.
   *
   * @param changed told of each configuration as soon as it has been taken
   */
  void poll(Duration interval, Configurations models, Consumer<ModelServerConfigs> changed) {
    var unused =
        executor.scheduleWithFixedDelay(
            () -> readOnce(models, changed),
            interval.toNanos(),
            interval.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  /** Reads it once and brings what has changed into effect; what was refused is tried again. */
  void readOnce(Configurations models, Consumer<ModelServerConfigs> changed) {
    try {
      String text = Files.readString(file);
      if (!text.equals(lastText)) {
        configure(text, models, changed);
      }
      lastProblem = "";
    } catch (IOException | RuntimeException | Error e) {
      String problem = file + " changes nothing: " + e;
      if (!problem.equals(lastProblem)) {
        LOG.log(Level.ERROR, problem);
      }
      lastProblem = problem;
    }
  }

  private void configure(String text, Configurations models, Consumer<ModelServerConfigs> changed) {
    ModelServerConfigs config = parse(text);
    try {
      models
          .configure(config.models(), SETTLE_LIMIT, () -> taken(text, config, changed))
          .forEach((model, reason) ->
              LOG.log(Level.WARNING, "Model {0} is not available: {1}", model, reason));
    } catch (ServingException e) {
      if (!text.equals(lastText)) {
        throw e;
      }
      LOG.log(Level.INFO, "Models are still being loaded: {0}", e.getMessage());
    }
  }

  private void taken(String text, ModelServerConfigs config, Consumer<ModelServerConfigs> changed) {
    lastText = text;
    LOG.log(Level.INFO, "Models configured anew from {0}", file);
    changed.accept(config);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
