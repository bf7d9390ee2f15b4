package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.cli.config.ModelRepositoryConfig;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.ModelControl;
import io.salver.lifecycle.ServedModels;
import io.salver.predict.ServingException;
import io.salver.server.triton.RepositoryControl;
import io.salver.server.triton.TritonRepository;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The model repository, as it is configured. */
final class Repository implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Repository.class.getName());

  private final ModelRepositoryConfig config;
  private final Optional<TritonRepository> directory;
  private final RepositoryControl control;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("salver-repository").factory());

  /**
   * A repository.
   *
   * @param control what is declared by it
   */
  Repository(ModelRepositoryConfig config, ServedModels models, ModelControl control) {
    this.config = config;
    this.directory =
        config
            .directory()
            .map(path -> new TritonRepository(path, config.onDemand(), config.pinned()));
    RepositoryControl.Options options =
        new RepositoryControl.Options(
            config.control() == ModelRepositoryConfig.Control.EXPLICIT,
            config.uploads(),
            directory,
            config.loadTimeout());
    this.control = new RepositoryControl(options, models, control);
  }

  RepositoryControl control() {
    return control;
  }

  /**
   * What is served from the start.
   *
   * @param configured the models that are configured otherwise, which come first and keep their
   *     names
   * @throws ConfigException if the directory cannot be read, or lacks a model that is asked for
   */
  List<ModelConfig> initial(List<ModelConfig> configured) {
    control.configured(configured);
    if (directory.isEmpty()) {
      return configured;
    }
    Set<String> taken = configured.stream().map(ModelConfig::name).collect(Collectors.toSet());
    List<ModelConfig> models = new ArrayList<>(configured);
    for (String name : wanted(directory.get())) {
      if (!taken.contains(name)) {
        directory.get().model(name).ifPresent(models::add);
      }
    }
    return models;
  }

  private List<String> wanted(TritonRepository repository) {
    List<String> names;
    try {
      names = repository.names();
    } catch (ServingException e) {
      throw new ConfigException(e.getMessage());
    }
    if (config.control() != ModelRepositoryConfig.Control.EXPLICIT
        || config.load().contains(ModelRepositoryConfig.ALL)) {
      return names;
    }
    for (String name : config.load()) {
      if (!names.contains(name)) {
        throw new ConfigException(
            "model_repository.load: " + name + " (expected: one of " + names + ")");
      }
    }
    return config.load();
  }

  /** If that is configured, looks again every {@code interval} for models that come and go. */
  void poll(Duration interval) {
    if (config.control() == ModelRepositoryConfig.Control.POLL && interval.isPositive()) {
      var unused =
          executor.scheduleWithFixedDelay(
              this::look, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void look() {
    try {
      control.follow();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "model repository: not looked at: {0}", e.getMessage());
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
    control.close();
  }
}
