package io.salver.cli;

import com.google.protobuf.Descriptors.FileDescriptor;
import io.salver.batching.BatchingOptions;
import io.salver.batching.Spine;
import io.salver.cli.config.BatchingConfig;
import io.salver.cli.config.RequestLogConfig;
import io.salver.cli.config.SalverConfig;
import io.salver.cli.logging.RootLog;
import io.salver.control.DeclaredModels;
import io.salver.control.ModelOperations;
import io.salver.endpoint.AuditLog;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.ModelControl;
import io.salver.lifecycle.ServedModels;
import io.salver.server.access.AccessControl;
import io.salver.server.access.AccessTable;
import io.salver.server.admin.AdminPages;
import io.salver.server.admin.ModelsRest;
import io.salver.server.console.Console;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcService;
import io.salver.server.grpc.services.HealthService;
import io.salver.server.grpc.services.ReflectionService;
import io.salver.server.guard.BrowserRules;
import io.salver.server.guard.GuardedCalls;
import io.salver.server.guard.GuardedHandler;
import io.salver.server.http.CompressedAnswers;
import io.salver.server.http.HttpHandler;
import io.salver.server.http.HttpProtocols;
import io.salver.server.metrics.AccessMetrics;
import io.salver.server.metrics.Api;
import io.salver.server.metrics.BatchMetrics;
import io.salver.server.metrics.CacheMetrics;
import io.salver.server.metrics.InferenceStatistics;
import io.salver.server.metrics.MetricPage;
import io.salver.server.metrics.MetricSource;
import io.salver.server.metrics.ModelMetrics;
import io.salver.server.metrics.PredictionMetrics;
import io.salver.server.metrics.ProcessMetrics;
import io.salver.server.metrics.ServerMetrics;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import io.salver.server.oip.OipControl;
import io.salver.server.oip.OipGrpc;
import io.salver.server.oip.OipRest;
import io.salver.server.oip.proto.GrpcServiceProtos;
import io.salver.server.sharedmemory.SharedMemoryRegions;
import io.salver.server.tfserving.ModelServerConfigs;
import io.salver.server.tfserving.ModelService;
import io.salver.server.tfserving.PredictionService;
import io.salver.server.tfserving.RequestLog;
import io.salver.server.tfserving.RequestSampling;
import io.salver.server.tfserving.RestApi;
import io.salver.server.tfserving.proto.ModelServiceProtos;
import io.salver.server.tfserving.proto.PredictionServiceProtos;
import io.salver.server.tls.TlsCredentials;
import io.salver.server.triton.RepositoryControl;
import io.salver.server.triton.ServedConfig;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Everything that answers clients, wired to one spine. */
final class FrontEnds implements AutoCloseable {
  private static final Logger LOG = System.getLogger(FrontEnds.class.getName());
  private static final Duration RELOAD_LIMIT = Duration.ofMinutes(10);
  private static final int REQUEST_LOG_QUEUE = 1_000;

  private final SalverConfig config;
  private final ServedModels models;
  private final Spine spine;
  private final DeclaredModels declared;
  private final AuditLog audit;
  private final AccessControl access;
  private final PredictionMetrics predictions;
  private final @Nullable RequestLog requestLog;
  private final Observability observability;
  private final MetricPage metrics;
  private final HealthService health;
  private final InferenceStatistics statistics;
  private final RepositoryControl repository;
  private final SharedMemoryRegions regions;
  private final OipControl oipControl;
  private final Console console;
  private final HttpProtocols protocols;
  private volatile boolean draining;
  private volatile @Nullable Listener listener;
  private volatile @Nullable TlsCredentials tls;

  /**
   * The front ends of a server.
   *
   * @param platforms the engines that a model configuration may name
   * @param endpoints the models with the endpoints in front of them, and their control side
   * @param control how models are served now
   * @param declared what may change of them by request
   * @param repository changes them, too
   * @param sources metrics that are counted elsewhere
   */
  FrontEnds(
      SalverConfig config,
      Set<String> platforms,
      EndpointControl endpoints,
      ModelControl control,
      DeclaredModels declared,
      RepositoryControl repository,
      Spine spine,
      List<MetricSource> sources) {
    this.config = config;
    this.models = endpoints.models();
    this.spine = spine;
    this.declared = declared;
    this.audit = endpoints.audit();
    this.access = access(config);
    this.predictions = new PredictionMetrics(models, System::nanoTime);
    this.requestLog = requestLog(config.requestLog());
    this.observability = new Observability(config.observe(), models, predictions);
    this.metrics = metrics(sources, endpoints::droppedJoinKeys);
    this.statistics = new InferenceStatistics(models);
    this.repository = repository;
    this.regions =
        config.oip().sharedMemory()
            ? SharedMemoryRegions.in(SharedMemoryRegions.SYSTEM_DIRECTORY)
            : SharedMemoryRegions.disabled();
    this.oipControl =
        new OipControl(
            new OipControl.Parts(
                models,
                control,
                statistics,
                model -> defaults(model, config),
                repository,
                audit,
                regions,
                new RootLog(),
                config.oip().settings()));
    this.health =
        new HealthService(
            models::isReady,
            Set.of("PredictionService", "ModelService", "inference.GRPCInferenceService"));
    this.console =
        new Console(
            models,
            predictions,
            Map.of("in_flight", spine::inFlightRequests, "connections", this::openConnections),
            SalverVersion.VERSION);
    int maxBytes = config.limits().maxRequestBytes();
    HttpHandler rest = rest();
    AccessTable table = new AccessTable(config.metrics().path());
    this.protocols =
        new HttpProtocols(
            new GuardedHandler(
                compressed(
                    new Routes(
                        admin(),
                        endpoints.rest(),
                        console,
                        rest,
                        oipRest(),
                        operations(),
                        config.rest().clipperApi()
                            ? Optional.of(endpoints.clipper(rest))
                            : Optional.empty(),
                        maxBytes)),
                table,
                access,
                new BrowserRules(hosts(config))),
            new GrpcService(grpc(platforms), new GuardedCalls(table, access), maxBytes),
            Addresses.limits(config.listen().connections()));
  }

  private static AccessControl access(SalverConfig config) {
    try {
      return new AccessControl(
          config.access().settings(), System::nanoTime, InstantSource.system());
    } catch (IllegalArgumentException e) {
      throw new StartException("access.jwt." + e.getMessage(), e);
    }
  }

  /** By which names this machine may be called where a name is all that there is to go by. */
  private static Set<String> hosts(SalverConfig config) {
    Set<String> hosts = new HashSet<>(config.access().hosts());
    hosts.add(config.listen().host());
    return hosts;
  }

  private ModelsRest operations() {
    Duration limit = config.modelRepository().loadTimeout();
    ModelOperations operations = new ModelOperations(models, declared, audit, limit);
    return new ModelsRest(operations, exchange -> exchange.principal().name());
  }

  private HttpHandler compressed(HttpHandler handler) {
    int minBytes = config.rest().compressFromBytes();
    return minBytes == 0 ? handler : new CompressedAnswers(handler, minBytes);
  }

  private static ServedConfig.Defaults defaults(String model, SalverConfig config) {
    BatchingConfig batching = config.run().of(model).batching();
    return new ServedConfig.Defaults(
        batching.maxBatchSize(),
        batching.runners(config.engines()),
        batching.mode() != BatchingOptions.Mode.OFF);
  }

  private static @Nullable RequestLog requestLog(RequestLogConfig config) {
    if (config.directory().isEmpty()) {
      return null;
    }
    Path directory = config.directory().get();
    RequestLog.Config files =
        new RequestLog.Config(
            directory, "requests", config.format(), config.maxFileBytes(), REQUEST_LOG_QUEUE);
    return new RequestLog(files, Clock.systemUTC(), ThreadLocalRandom.current().nextLong());
  }

  private CountingObserver observer(Api api) {
    return new CountingObserver(predictions, statistics, api, requestLog, observability.events());
  }

  private HttpHandler rest() {
    return new RestApi(
        models, spine, observer(Api.REST), config.rest().timeout(), config.rest().cors());
  }

  private HttpHandler oipRest() {
    return new OipRest(
        models,
        spine,
        observer(Api.OIP_REST),
        config.rest().timeout(),
        SalverVersion.VERSION,
        oipControl);
  }

  private List<GrpcMethod> grpc(Set<String> platforms) {
    List<FileDescriptor> files =
        List.of(
            PredictionServiceProtos.getDescriptor(),
            ModelServiceProtos.getDescriptor(),
            GrpcServiceProtos.getDescriptor(),
            HealthService.descriptor());
    List<GrpcMethod> methods = new ArrayList<>();
    methods.addAll(
        new PredictionService(models, spine, observer(Api.GRPC), config.rest().tensorContent())
            .methods());
    methods.addAll(
        new ModelService(models, platforms, RELOAD_LIMIT, declared::byRequest, this::reconfigured)
            .methods());
    methods.addAll(
        new OipGrpc(models, spine, observer(Api.OIP_GRPC), SalverVersion.VERSION, oipControl)
            .methods());
    methods.addAll(health.methods());
    methods.addAll(new ReflectionService(files).methods());
    return methods;
  }

  private MetricPage metrics(List<MetricSource> sources, LongSupplier droppedJoinKeys) {
    RequestLog log = requestLog;
    Map<String, LongSupplier> dropped = new HashMap<>(observability.dropped());
    dropped.put("connections", this::refusedConnections);
    dropped.put("join_keys", droppedJoinKeys);
    if (log != null) {
      dropped.put("request_log", log::dropped);
    }
    List<MetricSource> all = new ArrayList<>(sources);
    all.add(predictions);
    all.add(new ModelMetrics(models));
    all.add(new BatchMetrics(models));
    all.add(new CacheMetrics(models));
    all.add(observability.costs());
    all.add(new AccessMetrics(access));
    all.add(new ServerMetrics(spine::inFlightRequests, this::openConnections, dropped));
    all.add(new ProcessMetrics(SalverVersion.VERSION));
    return new MetricPage(all);
  }

  private AdminPages admin() {
    return new AdminPages(
        models,
        () -> draining,
        metrics,
        config.metrics().path(),
        observability.costs()::json,
        SalverVersion.VERSION);
  }

  private long openConnections() {
    Listener current = listener;
    return current == null ? 0 : current.openConnections();
  }

  private long refusedConnections() {
    Listener current = listener;
    return current == null ? 0 : current.refusedConnections();
  }

  /**
   * Begins to accept connections. Called once.
   *
   * @throws IOException if an address cannot be listened on
   */
  void listen(ListenerConfig addresses) throws IOException {
    tls = addresses.tls().map(ListenerConfig.Tls::credentials).orElse(null);
    listener = Listener.start(addresses, protocols);
    observability.start(metrics);
  }

  /** Brings into effect what a model configuration that replaces another says. */
  void reconfigured(ModelServerConfigs configs) {
    repository.configured(configs.models());
    configured(configs);
  }

  /** Brings into effect what a model configuration says beside the models. */
  void configured(ModelServerConfigs configs) {
    RequestLog log = requestLog;
    if (log == null) {
      configs
          .logging()
          .keySet()
          .forEach(model ->
              LOG.log(
                  Level.WARNING,
                  "Model {0} has a logging_config, but request_log.directory is not set:"
                      + " nothing is logged",
                  model));
      return;
    }
    RequestSampling otherwise = new RequestSampling(config.requestLog().samplingRate(), "");
    Map<String, RequestSampling> sampling = new HashMap<>();
    for (ModelConfig model : configs.models()) {
      sampling.put(model.name(), configs.logging().getOrDefault(model.name(), otherwise));
    }
    log.configure(sampling);
  }

  /**
   * Says that the server is not ready, accepts nothing more, and waits until what was accepted is
   * answered.
   *
   * @return whether all of it was, within {@code limit}
   */
  boolean drain(Duration limit) {
    draining = true;
    health.close();
    console.close();
    Listener current = listener;
    return current == null || current.drain(limit);
  }

  /** Cuts what connections there are. Requests that are being run end later, unanswered. */
  @Override
  public void close() {
    console.close();
    Listener current = listener;
    if (current != null) {
      current.close();
    }
    regions.close();
    access.close();
    TlsCredentials credentials = tls;
    if (credentials != null) {
      credentials.close();
    }
    if (requestLog != null) {
      requestLog.close();
    }
    observability.close();
  }
}
