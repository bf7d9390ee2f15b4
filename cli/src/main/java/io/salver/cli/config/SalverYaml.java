package io.salver.cli.config;

import io.salver.cli.logging.LogFormat;
import io.salver.lifecycle.BasePath;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import io.salver.server.net.TransportKind;
import io.salver.server.tfserving.RequestLog;
import io.salver.server.tls.ClientCertificates;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads a {@link SalverConfig} from YAML; docs/reference/configuration.md lists the keys. */
public final class SalverYaml {
  private SalverYaml() {}

  /**
   * Reads a file.
   *
   * @throws ConfigException if it cannot be read, is not YAML, has unknown keys or wrong values
   */
  public static SalverConfig read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new ConfigException("configuration file: " + file + " cannot be read: " + e);
    } catch (ConfigException e) {
      throw new ConfigException(file + ": " + e.getMessage());
    }
  }

  static SalverConfig parse(String yaml) {
    Section root = new Section("", load(yaml));
    RunConfig.OfModel defaults = RunYaml.read(root, RunConfig.DEFAULT.defaults());
    Map<String, RunConfig.OfModel> run = new LinkedHashMap<>();
    SalverConfig config =
        new SalverConfig(
            listen(root.section("listen")),
            models(root.sections("models"), defaults, run),
            modelRepository(root.section("model_repository")),
            lifecycle(root.section("lifecycle")),
            limits(root.section("limits")),
            engines(root.section("engines")),
            rest(root.section("rest")),
            oip(root.section("oip")),
            metrics(root.section("metrics")),
            requestLog(root.section("request_log")),
            log(root.section("log")),
            root.has("access") ? AccessYaml.read(root.section("access")) : AccessConfig.DEFAULT,
            ObserveYaml.read(root),
            new RunConfig(defaults, run, RunConfig.DEFAULT.parametersInModel()),
            EndpointsYaml.read(root),
            StoresConfig.read(root.section("stores")));
    root.end();
    return config;
  }

  static Object load(String yaml) {
    LoadSettings settings = LoadSettings.builder().setAllowDuplicateKeys(false).build();
    try {
      Object root = new Load(settings).loadFromString(yaml);
      return root == null ? Map.of() : root;
    } catch (YamlEngineException e) {
      throw new ConfigException("not YAML: " + e.getMessage());
    }
  }

  private static ListenConfig listen(Section s) {
    ListenConfig d = ListenConfig.DEFAULT;
    ListenConfig listen =
        new ListenConfig(
            s.string("host").orElse(d.host()),
            s.integer("grpc_port", d.grpcPort()),
            s.integer("rest_port", d.restPort()),
            s.string("unix_socket"),
            s.integer("event_loops", d.eventLoops()),
            s.choice("transport", TransportKind.class, d.transport()),
            s.get("tls") == null ? d.tls() : Optional.of(tls(s.section("tls"))),
            connections(s.section("connections")));
    s.end();
    return listen;
  }

  private static ConnectionsConfig connections(Section s) {
    ConnectionsConfig d = ConnectionsConfig.DEFAULT;
    ConnectionsConfig connections =
        new ConnectionsConfig(
            s.integer("max", d.max()),
            s.duration("read_timeout", d.readTimeout()),
            s.duration("idle_timeout", d.idleTimeout()),
            s.duration("max_age", d.maxAge()),
            s.integer("max_streams", d.maxStreams()),
            intBytes(s, "stream_window", d.streamWindowBytes()),
            intBytes(s, "connection_window", d.connectionWindowBytes()),
            intBytes(s, "max_untaken_size", d.maxUntakenBytes()));
    s.end();
    return connections;
  }

  private static int intBytes(Section s, String key, int otherwise) {
    return (int) Math.min(s.sizeBytes(key, otherwise), Integer.MAX_VALUE);
  }

  private static TlsConfig tls(Section s) {
    TlsConfig tls =
        new TlsConfig(
            new TlsConfig.Identity.Files(
                s.requiredPath("certificate"),
                s.requiredPath("private_key"),
                s.path("client_ca"),
                s.choice("client_auth", ClientCertificates.class, ClientCertificates.NONE)),
            s.choice("ports", TlsConfig.Ports.class, TlsConfig.Ports.ALL),
            s.duration("handshake_timeout", TlsConfig.HANDSHAKE_TIMEOUT),
            s.duration("reload", TlsConfig.RELOAD));
    s.end();
    return tls;
  }

  private static List<ModelConfig> models(
      List<Section> sections, RunConfig.OfModel defaults, Map<String, RunConfig.OfModel> run) {
    List<ModelConfig> models = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section s : sections) {
      String name = s.requiredString("name");
      if (!names.add(name)) {
        throw new ConfigException(
            s.at("name") + ": " + name + " (expected: a name not used before)");
      }
      BasePath basePath = basePath(s);
      models.add(
          new ModelConfig(
              name,
              basePath,
              s.string("platform").orElse(""),
              versions(s),
              labels(s),
              s.bool("on_demand", false),
              s.bool("pinned", false)));
      run.put(name, RunYaml.read(s, defaults));
      s.end();
    }
    return models;
  }

  private static BasePath basePath(Section model) {
    String text = model.requiredString("base_path");
    try {
      return BasePath.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(model.at("base_path") + ": " + e.getMessage());
    }
  }

  private static VersionPolicy versions(Section model) {
    Object value = model.get("versions");
    return switch (value) {
      case null -> VersionPolicy.LATEST;
      case String all when all.equals("all") -> new VersionPolicy.All();
      case Map<?, ?> map -> {
        Section s = model.section("versions");
        int latest = s.integer("latest", 1);
        if (latest < 1) {
          throw new ConfigException(s.at("latest") + ": " + latest + " (expected: >= 1)");
        }
        s.end();
        yield new VersionPolicy.Latest(latest);
      }
      case List<?> list -> new VersionPolicy.Specific(specific(model, list));
      default ->
          throw new ConfigException(
              model.at("versions")
                  + ": "
                  + value
                  + " (expected: all, {latest: N}, or a list of versions)");
    };
  }

  private static TreeSet<Long> specific(Section model, List<?> list) {
    TreeSet<Long> versions = new TreeSet<>();
    for (Object element : list) {
      versions.add(version(model.at("versions"), element));
    }
    if (versions.isEmpty()) {
      throw new ConfigException(
          model.at("versions") + ": " + list + " (expected: at least one version)");
    }
    return versions;
  }

  private static Map<String, Long> labels(Section model) {
    Map<String, Long> labels = new LinkedHashMap<>();
    Object value = model.get("labels");
    if (value instanceof Map<?, ?> map) {
      map.forEach((label, version) ->
          labels.put(String.valueOf(label), version(model.at("labels") + "." + label, version)));
    } else if (value != null) {
      throw new ConfigException(
          model.at("labels") + ": " + value + " (expected: a mapping of labels to versions)");
    }
    return labels;
  }

  private static long version(String place, Object value) {
    if (value instanceof Integer || value instanceof Long) {
      long version = ((Number) value).longValue();
      if (version >= 0) {
        return version;
      }
    }
    throw new ConfigException(place + ": " + value + " (expected: an integer >= 0)");
  }

  private static ModelRepositoryConfig modelRepository(Section s) {
    ModelRepositoryConfig d = ModelRepositoryConfig.DEFAULT;
    ModelRepositoryConfig repository =
        new ModelRepositoryConfig(
            s.path("directory"),
            s.choice("control", ModelRepositoryConfig.Control.class, d.control()),
            s.strings("load"),
            s.bool("uploads", d.uploads()),
            s.duration("load_timeout", d.loadTimeout()),
            s.bool("on_demand", d.onDemand()),
            new TreeSet<>(s.strings("pinned")));
    s.end();
    return repository;
  }

  private static LifecycleConfig lifecycle(Section s) {
    LifecycleConfig d = LifecycleConfig.DEFAULT;
    LifecycleConfig lifecycle =
        new LifecycleConfig(
            s.path("model_config_file"),
            s.duration("model_config_poll", d.modelConfigPoll()),
            s.duration("poll", d.poll()),
            s.duration("quiet_period", d.quietPeriod()),
            s.integer("load_threads", d.loadThreads()),
            s.integer("unload_threads", d.unloadThreads()),
            s.integer("max_load_retries", d.maxLoadRetries()),
            s.duration("load_retry_interval", d.loadRetryInterval()),
            s.bool("resource_preserving", d.resourcePreserving()),
            s.bool("labels_for_unavailable", d.labelsForUnavailable()),
            s.bool("warmup", d.warmup()),
            s.integer("warmup_iterations", d.warmupIterations()),
            s.sizeBytes("memory_budget", d.memoryBudgetBytes()),
            s.duration("drain_limit", d.drainLimit()),
            onDemand(s.section("on_demand")));
    s.end();
    return lifecycle;
  }

  private static OnDemandConfig onDemand(Section s) {
    OnDemandConfig d = OnDemandConfig.DEFAULT;
    OnDemandConfig onDemand =
        new OnDemandConfig(
            s.integer("max_waiting", d.maxWaiting()),
            s.duration("max_wait", d.maxWait()),
            s.bool("preload", d.preload()),
            s.path("use_counts"));
    s.end();
    return onDemand;
  }

  private static LimitsConfig limits(Section s) {
    LimitsConfig d = LimitsConfig.DEFAULT;
    LimitsConfig limits =
        new LimitsConfig(
            intBytes(s, "max_request_size", d.maxRequestBytes()),
            s.sizeBytes("max_request_tensor_size", d.maxRequestTensorBytes()),
            s.integer("max_in_flight_requests", d.maxInFlightRequests()),
            s.sizeBytes("max_in_flight_size", d.maxInFlightBytes()),
            s.integer("max_queued_per_model", d.maxQueuedPerModel()));
    s.end();
    return limits;
  }

  private static EnginesConfig engines(Section s) {
    EnginesConfig d = EnginesConfig.DEFAULT;
    EnginesConfig engines =
        new EnginesConfig(
            s.integer("intra_op_threads", d.intraOpThreads()),
            s.integer("inter_op_threads", d.interOpThreads()),
            s.integer("instances", d.instances()),
            s.duration("inline_bound", d.inlineBound()),
            s.path("plugins"),
            Placement.devices(s, d.devices()),
            LibrariesConfig.read(s.section("libraries")));
    s.end();
    return engines;
  }

  private static RestConfig rest(Section s) {
    RestConfig d = RestConfig.DEFAULT;
    RestConfig rest =
        new RestConfig(
            s.duration("timeout", d.timeout()),
            s.bool("cors", d.cors()),
            s.bool("tensor_content", d.tensorContent()),
            intBytes(s, "compress_from", d.compressFromBytes()),
            s.bool("clipper_api", d.clipperApi()));
    s.end();
    return rest;
  }

  private static OipConfig oip(Section s) {
    OipConfig d = OipConfig.DEFAULT;
    OipConfig oip =
        new OipConfig(s.bool("shared_memory", d.sharedMemory()), s.bool("settings", d.settings()));
    s.end();
    return oip;
  }

  private static MetricsConfig metrics(Section s) {
    MetricsConfig metrics =
        new MetricsConfig(s.string("path").orElse(MetricsConfig.DEFAULT.path()));
    s.end();
    return metrics;
  }

  private static RequestLogConfig requestLog(Section s) {
    RequestLogConfig d = RequestLogConfig.DEFAULT;
    Optional<Path> directory = s.path("directory");
    RequestLogConfig requestLog =
        new RequestLogConfig(
            directory,
            s.choice("format", RequestLog.Format.class, d.format()),
            s.number("sampling_rate", d.samplingRate()),
            s.sizeBytes("max_file_size", d.maxFileBytes()));
    s.end();
    return requestLog;
  }

  private static LogConfig log(Section s) {
    LogConfig d = LogConfig.DEFAULT;
    LogConfig log =
        new LogConfig(
            s.choice("format", LogFormat.class, d.format()),
            s.choice("level", Level.class, d.level()));
    s.end();
    return log;
  }
}
