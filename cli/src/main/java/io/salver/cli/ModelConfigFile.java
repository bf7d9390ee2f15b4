package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.lifecycle.ServedModels;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.ModelServerConfigs;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
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
  private static final Duration RELOAD_LIMIT = Duration.ofHours(1);

  private final Path file;
  private final Set<String> platforms;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("salver-model-config").factory());
  private String lastText;

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
   * @param changed told of each configuration that took effect
   */
  void poll(Duration interval, ServedModels models, Consumer<ModelServerConfigs> changed) {
    var unused =
        executor.scheduleWithFixedDelay(
            () -> readAgain(models, changed),
            interval.toNanos(),
            interval.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  private void readAgain(ServedModels models, Consumer<ModelServerConfigs> changed) {
    try {
      String text = Files.readString(file);
      if (text.equals(lastText)) {
        return;
      }
      lastText = text;
      ModelServerConfigs config = parse(text);
      Map<String, String> failures = models.configure(config.models(), RELOAD_LIMIT);
      changed.accept(config);
      LOG.log(Level.INFO, "Models configured anew from {0}", file);
      failures.forEach((model, reason) ->
          LOG.log(Level.WARNING, "Model {0} is not available: {1}", model, reason));
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.ERROR, file + " changes nothing: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
