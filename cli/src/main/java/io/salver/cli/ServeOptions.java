package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.cli.config.EnginesConfig;
import io.salver.cli.config.LifecycleConfig;
import io.salver.cli.config.ListenConfig;
import io.salver.cli.config.LogConfig;
import io.salver.cli.config.MetricsConfig;
import io.salver.cli.config.ModelRepositoryConfig;
import io.salver.cli.config.OipConfig;
import io.salver.cli.config.RestConfig;
import io.salver.cli.config.SalverConfig;
import io.salver.cli.config.SalverYaml;
import io.salver.cli.config.TlsConfig;
import io.salver.cli.logging.LogFormat;
import io.salver.lifecycle.BasePath;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.MonitoringConfigs;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code salver serve}: TensorFlow Serving's names where it has one. */
final class ServeOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file with everything in it; the options below override it.")
  @Nullable Path config;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on (default: 127.0.0.1; 0.0.0.0 for every interface).")
  @Nullable String host;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port for gRPC clients (default: 8500; 0 for none).")
  @Nullable Integer port;

  @Option(
      names = "--rest_api_port",
      paramLabel = "N",
      description =
          "Port for REST clients (default: 8501; 0 for none). Both ports speak HTTP/1.1, HTTP/2 and"
              + " gRPC.")
  @Nullable Integer restApiPort;

  @Option(
      names = "--grpc_socket_path",
      paramLabel = "PATH",
      description = "Unix domain socket to listen on as well.")
  @Nullable String grpcSocketPath;

  @Option(
      names = "--event_loops",
      paramLabel = "N",
      description = "Threads that read, decode, encode and write (default: one for each core).")
  @Nullable Integer eventLoops;

  @Option(
      names = "--ssl_config_file",
      paramLabel = "FILE",
      description = "SSLConfig in text form: TLS on the port for gRPC clients.")
  @Nullable Path sslConfigFile;

  @Option(names = "--model_name", paramLabel = "NAME", description = "Name of the one model.")
  @Nullable String modelName;

  @Option(
      names = "--model_base_path",
      paramLabel = "PATH",
      description =
          "Where the versions of the one model are: a directory, s3://BUCKET/PREFIX or"
              + " https://HOST/PATH.")
  @Nullable String modelBasePath;

  @Option(
      names = "--model-repository",
      paramLabel = "DIR",
      description = "Directory of models in Triton's layout.")
  @Nullable Path modelRepository;

  @Option(
      names = "--model-control-mode",
      paramLabel = "MODE",
      description =
          "none: all models of the repository are served; poll: it is looked at again and again;"
              + " explicit: requests load and unload models (default: none).")
  ModelRepositoryConfig.@Nullable Control modelControlMode;

  @Option(
      names = "--load-model",
      paramLabel = "NAME",
      description = "With explicit control, a model to serve from the start; * for all.")
  @Nullable List<String> loadModels;

  @Option(
      names = "--allow-client-shm",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "BOOL",
      description = "Clients may have the server use the system's shared memory.")
  @Nullable Boolean allowClientShm;

  @Option(
      names = "--model_config_file",
      paramLabel = "FILE",
      description = "ModelServerConfig in text form, for several models.")
  @Nullable Path modelConfigFile;

  @Option(
      names = "--model_config_file_poll_wait_seconds",
      paramLabel = "S",
      description = "Read that file again every S seconds (default: 0, never).")
  @Nullable Integer modelConfigFilePollWaitSeconds;

  @Option(
      names = "--file_system_poll_wait_seconds",
      paramLabel = "S",
      description =
          "Look for versions every S seconds (default: 1; 0 for once, below 0 for never).")
  @Nullable Integer fileSystemPollWaitSeconds;

  @Option(
      names = "--num_load_threads",
      paramLabel = "N",
      description = "Versions loaded side by side (default: 2).")
  @Nullable Integer numLoadThreads;

  @Option(
      names = "--num_unload_threads",
      paramLabel = "N",
      description = "Versions unloaded side by side (default: 1).")
  @Nullable Integer numUnloadThreads;

  @Option(
      names = "--max_num_load_retries",
      paramLabel = "N",
      description = "How often a failed load is tried again (default: 5).")
  @Nullable Integer maxNumLoadRetries;

  @Option(
      names = "--load_retry_interval_micros",
      paramLabel = "US",
      description = "Pause before it is (default: 60000000).")
  @Nullable Long loadRetryIntervalMicros;

  @Option(
      names = "--allow_version_labels_for_unavailable_models",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "BOOL",
      description = "New labels may name versions that are not available.")
  @Nullable Boolean allowLabelsForUnavailable;

  @Option(
      names = "--enable_model_warmup",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "BOOL",
      description = "Warm versions before they answer (default: true).")
  @Nullable Boolean enableModelWarmup;

  @Option(
      names = "--num_request_iterations_for_warmup",
      paramLabel = "N",
      description = "How often each recorded warm-up request is run (default: 1).")
  @Nullable Integer warmupIterations;

  @Option(
      names = "--tensorflow_intra_op_parallelism",
      paramLabel = "N",
      description = "Threads inside one operation of a model (default: 1).")
  @Nullable Integer intraOp;

  @Option(
      names = "--tensorflow_inter_op_parallelism",
      paramLabel = "N",
      description = "Threads for operations side by side (default: 1).")
  @Nullable Integer interOp;

  @Mixin BatchingFlags batching = new BatchingFlags();

  @Option(
      names = "--rest_api_timeout_in_ms",
      paramLabel = "MS",
      description = "A REST request is answered with an error after this (default: 30000).")
  @Nullable Integer restTimeoutMs;

  @Option(
      names = "--rest_api_enable_cors_support",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "BOOL",
      description = "Browsers of other origins may call.")
  @Nullable Boolean cors;

  @Option(
      names = "--enable_serialization_as_tensor_content",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "BOOL",
      description = "gRPC answers carry numbers as raw bytes.")
  @Nullable Boolean tensorContent;

  @Option(
      names = "--enable_grpc_healthcheck_service",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "BOOL",
      description = "Taken and without effect: the health service is always there.")
  @Nullable Boolean healthcheck;

  @Option(
      names = "--monitoring_config_file",
      paramLabel = "FILE",
      description = "MonitoringConfig in text form: the path of the metrics.")
  @Nullable Path monitoringConfigFile;

  @Option(
      names = "--log_format",
      paramLabel = "FORMAT",
      description = "text or json (default: text).")
  @Nullable LogFormat logFormat;

  @Option(
      names = "--log_level",
      paramLabel = "LEVEL",
      description = "trace, debug, info, warning, error or off (default: info).")
  @Nullable Level logLevel;

  /** The configuration file's settings with these options over them. */
  SalverConfig toConfig() {
    SalverConfig base = config == null ? SalverConfig.DEFAULT : SalverYaml.read(config);
    return new SalverConfig(
        listen(base.listen()),
        models(base),
        modelRepository(base.modelRepository()),
        lifecycle(base.lifecycle()),
        base.limits(),
        engines(base.engines()),
        rest(base.rest()),
        new OipConfig(or(allowClientShm, base.oip().sharedMemory()), base.oip().settings()),
        metrics(base.metrics()),
        base.requestLog(),
        new LogConfig(or(logFormat, base.log().format()), or(logLevel, base.log().level())),
        base.access(),
        base.observe(),
        batching.over(base.run()),
        base.endpoints(),
        base.stores());
  }

  private ListenConfig listen(ListenConfig base) {
    return new ListenConfig(
        or(host, base.host()),
        or(port, base.grpcPort()),
        or(restApiPort, base.restPort()),
        grpcSocketPath == null ? base.unixSocket() : Optional.of(grpcSocketPath),
        or(eventLoops, base.eventLoops()),
        base.transport(),
        tls(base),
        base.connections());
  }

  /** An empty name asks for nothing, as TensorFlow Serving's own default does. */
  private Optional<TlsConfig> tls(ListenConfig base) {
    return sslConfigFile == null || sslConfigFile.toString().isEmpty()
        ? base.tls()
        : Optional.of(TlsConfig.ofSslConfig(sslConfigFile));
  }

  private ModelRepositoryConfig modelRepository(ModelRepositoryConfig base) {
    return new ModelRepositoryConfig(
        modelRepository == null ? base.directory() : Optional.of(modelRepository),
        or(modelControlMode, base.control()),
        or(loadModels, base.load()),
        base.uploads(),
        base.loadTimeout(),
        base.onDemand(),
        base.pinned());
  }

  private List<ModelConfig> models(SalverConfig base) {
    boolean repository = modelRepository != null || base.modelRepository().directory().isPresent();
    boolean file = modelConfigFile != null || base.lifecycle().modelConfigFile().isPresent();
    if (modelBasePath == null) {
      if (modelName != null) {
        throw new ConfigException(
            "--model_name: "
                + modelName
                + " without --model_base_path (expected: both or neither)");
      }
      if (!file && !repository && base.models().isEmpty()) {
        throw new ConfigException(
            "models: none (expected: --model_base_path, --model_config_file, --model-repository, or"
                + " models in --config)");
      }
      if (file && !base.models().isEmpty()) {
        throw new ConfigException(
            "models: "
                + base.models().size()
                + " beside a model configuration file (expected: one of them)");
      }
      return base.models();
    }
    if (file || !base.models().isEmpty()) {
      throw new ConfigException(
          "--model_base_path: "
              + modelBasePath
              + " beside "
              + (file ? "a model configuration file" : "models in --config")
              + " (expected: one of them)");
    }
    return List.of(
        new ModelConfig(
            or(modelName, "default"),
            basePath(modelBasePath),
            "",
            VersionPolicy.LATEST,
            Map.of(),
            false,
            false));
  }

  private static BasePath basePath(String text) {
    try {
      return BasePath.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--model_base_path: " + e.getMessage());
    }
  }

  private LifecycleConfig lifecycle(LifecycleConfig base) {
    return new LifecycleConfig(
        modelConfigFile == null ? base.modelConfigFile() : Optional.of(modelConfigFile),
        seconds(modelConfigFilePollWaitSeconds, base.modelConfigPoll()),
        seconds(fileSystemPollWaitSeconds, base.poll()),
        base.quietPeriod(),
        atLeastOne(numLoadThreads, base.loadThreads()),
        atLeastOne(numUnloadThreads, base.unloadThreads()),
        or(maxNumLoadRetries, base.maxLoadRetries()),
        loadRetryIntervalMicros == null
            ? base.loadRetryInterval()
            : Duration.of(loadRetryIntervalMicros, ChronoUnit.MICROS),
        base.resourcePreserving(),
        or(allowLabelsForUnavailable, base.labelsForUnavailable()),
        or(enableModelWarmup, base.warmup()),
        atLeastOne(warmupIterations, base.warmupIterations()),
        base.memoryBudgetBytes(),
        base.drainLimit(),
        base.onDemand());
  }

  private EnginesConfig engines(EnginesConfig base) {
    return new EnginesConfig(
        atLeastOne(intraOp, base.intraOpThreads()),
        atLeastOne(interOp, base.interOpThreads()),
        base.instances(),
        base.inlineBound(),
        base.plugins(),
        base.devices(),
        base.libraries());
  }

  private RestConfig rest(RestConfig base) {
    return new RestConfig(
        restTimeoutMs == null ? base.timeout() : Duration.ofMillis(restTimeoutMs),
        or(cors, base.cors()),
        or(tensorContent, base.tensorContent()),
        base.compressFromBytes(),
        base.clipperApi());
  }

  private MetricsConfig metrics(MetricsConfig base) {
    if (monitoringConfigFile == null) {
      return base;
    }
    try {
      String text = Files.readString(monitoringConfigFile);
      return new MetricsConfig(MonitoringConfigs.prometheusPath(text));
    } catch (IOException e) {
      throw new ConfigException(
          "--monitoring_config_file: " + monitoringConfigFile + " cannot be read: " + e);
    } catch (ServingException e) {
      throw new ConfigException(monitoringConfigFile + ": " + e.getMessage());
    }
  }

  private static Duration seconds(@Nullable Integer value, Duration otherwise) {
    return value == null ? otherwise : Duration.ofSeconds(value);
  }

  /** TensorFlow Serving's 0 stands for its own choice; ours is the configured one. */
  private static int atLeastOne(@Nullable Integer value, int otherwise) {
    return value == null || value == 0 ? otherwise : value;
  }

  private static <T> T or(@Nullable T value, T otherwise) {
    return Objects.requireNonNullElse(value, otherwise);
  }
}
