package io.salver.cli;

import io.salver.batching.Spine;
import io.salver.cli.config.ConfigException;
import io.salver.cli.config.EnginesConfig;
import io.salver.cli.config.LifecycleConfig;
import io.salver.cli.config.SalverConfig;
import io.salver.cli.logging.LifecycleLog;
import io.salver.control.DeclaredModels;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.lifecycle.LifecycleOptions;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.ModelManager;
import io.salver.lifecycle.OnDemandOptions;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.SwapPolicy;
import io.salver.lifecycle.SyntheticWarmup;
import io.salver.lifecycle.UseFile;
import io.salver.lifecycle.UseStore;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.Warmup;
import io.salver.predict.ServingException;
import io.salver.server.metrics.OnDemandMetrics;
import io.salver.server.metrics.WarmupMetrics;
import io.salver.server.tfserving.ModelServerConfigs;
import io.salver.server.tfserving.TfRecordWarmup;
import io.salver.server.tls.TlsException;
import io.salver.source.ModelSources;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A whole server: the one place that knows which parts there are and how they fit together.
 *
 * <p>Thread-safe. {@link #drain()}, then {@link #close()}.
 */
public final class SalverServer implements AutoCloseable {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
  private static final Duration READY_POLL = Duration.ofMillis(2);
  private static final int SYNTHETIC_WARMUPS = 16;
  private static final Duration SYNTHETIC_WARMUP_LIMIT = Duration.ofSeconds(1);

  private final List<Engine> engines;
  private final ModelManager models;
  private final Repository repository;
  private final EndpointControl endpoints;
  private final FrontEnds frontEnds;
  private final @Nullable ModelConfigFile configFile;
  private final Duration drainLimit;

  private SalverServer(
      List<Engine> engines,
      ModelManager models,
      Repository repository,
      EndpointControl endpoints,
      FrontEnds frontEnds,
      @Nullable ModelConfigFile configFile,
      Duration drainLimit) {
    this.engines = engines;
    this.models = models;
    this.repository = repository;
    this.endpoints = endpoints;
    this.frontEnds = frontEnds;
    this.configFile = configFile;
    this.drainLimit = drainLimit;
  }

  /**
   * Starts a server: it listens, and loads its models in the background.
   *
   * @throws io.salver.cli.config.ConfigException if the configuration cannot be used
   * @throws StartException if an address cannot be listened on
   */
  public static SalverServer start(SalverConfig config) {
    Engines created = Engines.create(config.engines());
    List<Engine> engines = created.all();
    Set<String> platforms = created.names();
    Optional<Path> file = config.lifecycle().modelConfigFile();
    ModelConfigFile configFile =
        file.isPresent() ? new ModelConfigFile(file.get(), platforms) : null;
    WarmupMetrics warmup = new WarmupMetrics(inOrder(warmups(config)), System::nanoTime);
    ModelManager models = manager(config, engines, warmup);
    EndpointControl endpoints = new EndpointControl(config.endpoints(), config.limits(), models);
    DeclaredModels declared =
        new DeclaredModels(
            models, endpoints.store(), endpoints.audit(), config.stores().byRequest());
    Repository repository = new Repository(config.modelRepository(), models, declared);
    Spine spine = new Spine(config.limits().maxInFlightRequests());
    FrontEnds frontEnds =
        new FrontEnds(
            config,
            platforms,
            endpoints,
            models,
            declared,
            repository.control(),
            spine,
            List.of(warmup, new OnDemandMetrics(models.onDemandStatistics(), models::memory)));
    ModelServerConfigs initial =
        configFile == null
            ? new ModelServerConfigs(config.models(), Map.of())
            : configFile.initial();
    List<ModelConfig> wanted = repository.initial(initial.models());
    open(endpoints, config, wanted, frontEnds);
    listen(config, frontEnds);
    begin(declared, frontEnds, new ModelServerConfigs(wanted, initial.logging()));
    repository.poll(config.lifecycle().poll());
    if (configFile != null && config.lifecycle().modelConfigPoll().isPositive()) {
      configFile.poll(
          config.lifecycle().modelConfigPoll(), declared.fromFile(), frontEnds::reconfigured);
    }
    return new SalverServer(
        engines,
        models,
        repository,
        endpoints,
        frontEnds,
        configFile,
        config.lifecycle().drainLimit());
  }

  /** Endpoints are in force before the first request; models may also come later where they can. */
  private static void open(
      EndpointControl endpoints,
      SalverConfig config,
      List<ModelConfig> wanted,
      FrontEnds frontEnds) {
    Set<String> names = wanted.stream().map(ModelConfig::name).collect(Collectors.toSet());
    boolean others =
        config.modelRepository().directory().isPresent()
            || config.lifecycle().modelConfigFile().isPresent();
    Predicate<String> coming = others ? model -> true : names::contains;
    try {
      endpoints.open(coming);
    } catch (ConfigException | StartException e) {
      frontEnds.close();
      endpoints.close();
      throw e;
    }
  }

  /** What a version recorded for its warm-up, then requests that are made up. */
  private static List<Warmup> warmups(SalverConfig config) {
    if (!config.lifecycle().warmup()) {
      return List.of();
    }
    return List.of(
        new TfRecordWarmup(
            config.lifecycle().warmupIterations(), config.limits().maxRequestTensorBytes()),
        new SyntheticWarmup(SYNTHETIC_WARMUPS, SYNTHETIC_WARMUP_LIMIT));
  }

  private static Warmup inOrder(List<Warmup> warmups) {
    return (files, lease) -> {
      for (Warmup warmup : warmups) {
        warmup.warm(files, lease);
      }
    };
  }

  private static void begin(
      DeclaredModels models, FrontEnds frontEnds, ModelServerConfigs initial) {
    try {
      frontEnds.configured(initial);
      models.start(initial.models());
    } catch (ServingException e) {
      frontEnds.close();
      throw new StartException(e.getMessage(), e);
    }
  }

  private static ModelManager manager(SalverConfig config, List<Engine> engines, Warmup warmup) {
    return new ModelManager(
        lifecycle(config.lifecycle(), config.engines()),
        engines,
        new Runners(config),
        List.of(warmup),
        new ModelSources(config.lifecycle().poll(), config.stores().options()),
        new LifecycleLog(),
        config
            .lifecycle()
            .onDemand()
            .useCounts()
            .<UseStore>map(UseFile::new)
            .orElse(UseStore.NONE));
  }

  private static LifecycleOptions lifecycle(LifecycleConfig config, EnginesConfig engines) {
    return new LifecycleOptions(
        config.resourcePreserving()
            ? SwapPolicy.RESOURCE_PRESERVING
            : SwapPolicy.AVAILABILITY_PRESERVING,
        config.loadThreads(),
        config.unloadThreads(),
        config.maxLoadRetries(),
        config.loadRetryInterval(),
        config.quietPeriod(),
        inspectionInterval(config.poll()),
        config.memoryBudgetBytes() == 0 ? Long.MAX_VALUE : config.memoryBudgetBytes(),
        config.labelsForUnavailable(),
        new EngineOptions(engines.intraOpThreads(), engines.interOpThreads())
            .withDevices(engines.devices()),
        new OnDemandOptions(
            config.onDemand().maxWaiting(),
            config.onDemand().maxWait(),
            config.onDemand().preload()));
  }

  private static Duration inspectionInterval(Duration poll) {
    return poll.isPositive() && poll.compareTo(Duration.ofSeconds(1)) < 0
        ? poll
        : Duration.ofSeconds(1);
  }

  private static void listen(SalverConfig config, FrontEnds frontEnds) {
    try {
      frontEnds.listen(Addresses.listener(config.listen(), config.limits()));
    } catch (IOException | TlsException e) {
      frontEnds.close();
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  /** The models that are served. */
  public ServedModels models() {
    return models;
  }

  /** Waits until every model that was wanted at start is served or has failed for good. */
  public void awaitReady() {
    while (!models.isReady()) {
      LockSupport.parkNanos(READY_POLL.toNanos());
    }
  }

  /** Waits until every version that is wanted now is served, or has failed. */
  public void awaitLoaded() {
    while (models.statuses().stream()
        .flatMap(model -> model.versions().stream())
        .anyMatch(version -> isComing(version.state()))) {
      LockSupport.parkNanos(READY_POLL.toNanos());
    }
  }

  private static boolean isComing(VersionState state) {
    return state == VersionState.START || state == VersionState.LOADING;
  }

  /**
   * Says that it is not ready, accepts nothing more, and waits until what was accepted is answered.
   *
   * @return whether all of it was, within the configured limit
   */
  public boolean drain() {
    models.drain();
    return frontEnds.drain(drainLimit);
  }

  /** Ends the server and gives back what it holds. */
  @Override
  public void close() {
    if (configFile != null) {
      configFile.close();
    }
    frontEnds.close();
    endpoints.close();
    repository.close();
    boolean empty = models.shutDown(CLOSE_LIMIT);
    if (empty) {
      engines.forEach(Engine::close);
    }
  }
}
