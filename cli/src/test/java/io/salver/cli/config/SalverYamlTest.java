package io.salver.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.batching.BatchingOptions;
import io.salver.cli.logging.LogFormat;
import io.salver.control.AllowedStores;
import io.salver.engine.Device;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import io.salver.model.VersionSelector;
import io.salver.routing.EndpointSpec;
import io.salver.routing.Policy;
import io.salver.routing.Route;
import io.salver.server.access.AccessSettings;
import io.salver.server.access.FailureLimits;
import io.salver.server.access.Role;
import io.salver.server.net.TransportKind;
import io.salver.server.tfserving.RequestLog;
import io.salver.server.tls.ClientCertificates;
import io.salver.source.HttpOptions;
import io.salver.source.S3Options;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SalverYamlTest {
  @Test
  void nothingSaidIsTheDefault() {
    assertThat(SalverYaml.parse("")).isEqualTo(SalverConfig.DEFAULT);
  }

  @Test
  void theDefaultsAreWhatTheReferenceSays() {
    assertThat(SalverConfig.DEFAULT)
        .isEqualTo(
            new SalverConfig(
                new ListenConfig(
                    "127.0.0.1",
                    8500,
                    8501,
                    Optional.empty(),
                    0,
                    TransportKind.AUTO,
                    Optional.empty(),
                    new ConnectionsConfig(
                        10_000,
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(300),
                        Duration.ZERO,
                        1_000,
                        1_048_576,
                        4_194_304,
                        67_108_864)),
                List.of(),
                new ModelRepositoryConfig(
                    Optional.empty(),
                    ModelRepositoryConfig.Control.NONE,
                    List.of(),
                    false,
                    Duration.ofMinutes(10),
                    false,
                    Set.of()),
                new LifecycleConfig(
                    Optional.empty(),
                    Duration.ZERO,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    2,
                    1,
                    5,
                    Duration.ofSeconds(60),
                    false,
                    false,
                    true,
                    1,
                    0,
                    Duration.ofSeconds(30),
                    new OnDemandConfig(1_000, Duration.ofMinutes(1), false, Optional.empty())),
                new LimitsConfig(268_435_456, 1_073_741_824L, 10_000, 2_147_483_648L, 1_000),
                new EnginesConfig(
                    1,
                    1,
                    0,
                    Duration.ofNanos(100_000),
                    Optional.empty(),
                    List.of(new Device("cpu", 0)),
                    new LibrariesConfig(Optional.empty(), Optional.empty(), Map.of())),
                new RestConfig(Duration.ofSeconds(30), false, false, 0, false),
                new OipConfig(false, false),
                new MetricsConfig("/monitoring/prometheus/metrics"),
                new RequestLogConfig(
                    Optional.empty(), RequestLog.Format.TFRECORD, 0.01, 67_108_864),
                new LogConfig(LogFormat.TEXT, Level.INFO),
                new AccessConfig(AccessSettings.OPEN, Set.of()),
                ObserveConfig.DEFAULT,
                new RunConfig(
                    new RunConfig.OfModel(
                        new BatchingConfig(
                            BatchingOptions.Mode.AUTO,
                            64,
                            BatchingConfig.Policy.AUTO,
                            Duration.ZERO,
                            Duration.ZERO,
                            Duration.ZERO,
                            0,
                            0,
                            List.of(),
                            false,
                            false,
                            0,
                            0,
                            0,
                            true,
                            128),
                        0),
                    Map.of(),
                    false),
                new EndpointsConfig(Optional.empty(), List.of()),
                new StoresConfig(
                    Optional.empty(),
                    0,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30),
                    68_719_476_736L,
                    2,
                    AllowedStores.NONE,
                    new S3Options(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        false),
                    new HttpOptions(Map.of()))));
  }

  @Test
  void everyKeyIsRead() {
    SalverConfig config =
        SalverYaml.parse(
            """
            listen:
              host: 0.0.0.0
              grpc_port: 1
              rest_port: 2
              unix_socket: /s
              event_loops: 3
              transport: nio
              connections:
                max: 26
                read_timeout: 27s
                idle_timeout: 28s
                max_age: 29s
                max_streams: 30
                stream_window: 31MiB
                connection_window: 32MiB
                max_untaken_size: 33MiB
              tls:
                certificate: /c
                private_key: /k
                client_ca: /ca
                client_auth: optional
                ports: rest
                handshake_timeout: 24s
                reload: 25s
            model_repository:
              directory: /r
              control: explicit
              load: [a, b]
              uploads: true
              load_timeout: 25s
              on_demand: true
              pinned: [a]
            oip: {shared_memory: true, settings: true}
            lifecycle:
              model_config_file: /m
              model_config_poll: 4s
              poll: 5ms
              quiet_period: 6us
              load_threads: 7
              unload_threads: 8
              max_load_retries: 9
              load_retry_interval: 10m
              resource_preserving: true
              labels_for_unavailable: true
              warmup: false
              warmup_iterations: 11
              memory_budget: 12GiB
              drain_limit: 13h
              on_demand: {max_waiting: 35, max_wait: 36s, preload: true, use_counts: /u}
            limits:
              max_request_size: 14KiB
              max_request_tensor_size: 15
              max_in_flight_requests: 16
              max_in_flight_size: 17B
              max_queued_per_model: 18
            engines:
              intra_op_threads: 19
              inter_op_threads: 20
              instances: 21
              inline_bound: 22us
              plugins: /e
              device: [cuda:1, cpu]
              libraries: {onnxruntime: /o, tensorflow: /t, tflite_delegates: {edgetpu: /d}}
            rest: {timeout: 23s, cors: true, tensor_content: true, compress_from: 34, clipper_api: true}
            metrics: {path: /p}
            request_log:
              directory: /d
              format: jsonl
              sampling_rate: 0.5
              max_file_size: 24MiB
            log: {format: json, level: debug}
            batching:
              mode: 'on'
              max_batch_size: 25
              policy: quantile
              latency_objective: 26ms
              timeout: 27us
              queue_timeout: 28s
              max_enqueued_batches: 29
              max_request_rows: 30
              allowed_batch_sizes: [1, 25]
              pad_variable_length_inputs: true
              split_large: true
              priority_levels: 31
              default_priority: 3
              instances: 32
              adaptive_limit: false
              min_in_flight: 33
            cache: {max_size: 34KiB}
            access:
              anonymous: [predict]
              hosts: [ops.example.org]
            state_dir: /st
            endpoints:
              - name: e
                objective_ms: 35
                default: {y: 1}
                policy: {type: direct, route: {model: m, version: 36}}
            stores:
              cache: /ch
              cache_size: 37GiB
              poll: 38s
              quiet_period: 39s
              max_version_size: 40MiB
              downloads: 41
              by_request: [s3://models/prod/]
              s3:
                endpoint: https://minio.example.org:9000
                region: eu-central-1
                path_style: false
                profile: p
                anonymous: true
              http: {bearer_token_files: {models.example.org: /tok}}
            """);
    assertThat(config)
        .isEqualTo(
            new SalverConfig(
                new ListenConfig(
                    "0.0.0.0",
                    1,
                    2,
                    Optional.of("/s"),
                    3,
                    TransportKind.NIO,
                    Optional.of(
                        new TlsConfig(
                            new TlsConfig.Identity.Files(
                                Path.of("/c"),
                                Path.of("/k"),
                                Optional.of(Path.of("/ca")),
                                ClientCertificates.OPTIONAL),
                            TlsConfig.Ports.REST,
                            Duration.ofSeconds(24),
                            Duration.ofSeconds(25))),
                    new ConnectionsConfig(
                        26,
                        Duration.ofSeconds(27),
                        Duration.ofSeconds(28),
                        Duration.ofSeconds(29),
                        30,
                        31 << 20,
                        32 << 20,
                        33 << 20)),
                List.of(),
                new ModelRepositoryConfig(
                    Optional.of(Path.of("/r")),
                    ModelRepositoryConfig.Control.EXPLICIT,
                    List.of("a", "b"),
                    true,
                    Duration.ofSeconds(25),
                    true,
                    Set.of("a")),
                new LifecycleConfig(
                    Optional.of(Path.of("/m")),
                    Duration.ofSeconds(4),
                    Duration.ofMillis(5),
                    Duration.ofNanos(6_000),
                    7,
                    8,
                    9,
                    Duration.ofMinutes(10),
                    true,
                    true,
                    false,
                    11,
                    12L << 30,
                    Duration.ofHours(13),
                    new OnDemandConfig(
                        35, Duration.ofSeconds(36), true, Optional.of(Path.of("/u")))),
                new LimitsConfig(14 << 10, 15, 16, 17, 18),
                new EnginesConfig(
                    19,
                    20,
                    21,
                    Duration.ofNanos(22_000),
                    Optional.of(Path.of("/e")),
                    List.of(new Device("cuda", 1), Device.CPU),
                    new LibrariesConfig(
                        Optional.of(Path.of("/o")),
                        Optional.of(Path.of("/t")),
                        Map.of("edgetpu", Path.of("/d")))),
                new RestConfig(Duration.ofSeconds(23), true, true, 34, true),
                new OipConfig(true, true),
                new MetricsConfig("/p"),
                new RequestLogConfig(
                    Optional.of(Path.of("/d")), RequestLog.Format.JSONL, 0.5, 24 << 20),
                new LogConfig(LogFormat.JSON, Level.DEBUG),
                new AccessConfig(
                    new AccessSettings(
                        false,
                        EnumSet.of(Role.PREDICT),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        FailureLimits.DEFAULT),
                    Set.of("ops.example.org")),
                ObserveConfig.DEFAULT,
                new RunConfig(
                    new RunConfig.OfModel(
                        new BatchingConfig(
                            BatchingOptions.Mode.ON,
                            25,
                            BatchingConfig.Policy.QUANTILE,
                            Duration.ofMillis(26),
                            Duration.ofNanos(27_000),
                            Duration.ofSeconds(28),
                            29,
                            30,
                            List.of(1, 25),
                            true,
                            true,
                            31,
                            3,
                            32,
                            false,
                            33),
                        34 << 10),
                    Map.of(),
                    false),
                new EndpointsConfig(
                    Optional.of(Path.of("/st")),
                    List.of(
                        new EndpointSpec(
                            "e",
                            Duration.ofMillis(35),
                            Map.of("y", 1L),
                            Optional.empty(),
                            new Policy.Direct(new Route("m", new VersionSelector.Exact(36)))))),
                new StoresConfig(
                    Optional.of(Path.of("/ch")),
                    37L << 30,
                    Duration.ofSeconds(38),
                    Duration.ofSeconds(39),
                    40 << 20,
                    41,
                    new AllowedStores(List.of("s3://models/prod")),
                    new S3Options(
                        Optional.of(URI.create("https://minio.example.org:9000")),
                        Optional.of("eu-central-1"),
                        Optional.of(false),
                        Optional.of("p"),
                        true),
                    new HttpOptions(Map.of("models.example.org", Path.of("/tok"))))));
  }

  @Test
  void aModelOverridesTheDefaultsKeyByKey() {
    RunConfig run =
        SalverYaml.parse(
                """
                batching: {max_batch_size: 16, latency_objective: 50ms}
                cache: {max_size: 1MiB}
                models:
                  - {name: a, base_path: /a}
                  - {name: b, base_path: /b, batching: {max_batch_size: 8}, cache: {max_size: 0}}
                """)
            .run();
    assertThat(run.of("a")).isEqualTo(run.defaults()).isEqualTo(run.of("configured later"));
    assertThat(run.of("a").cacheBytes()).isEqualTo(1 << 20);
    assertThat(run.of("b").batching().maxBatchSize()).isEqualTo(8);
    assertThat(run.of("b").batching().latencyObjective()).isEqualTo(Duration.ofMillis(50));
    assertThat(run.of("b").cacheBytes()).isZero();
  }

  @Test
  void modelsAreReadWithTheirVersionsAndLabels() {
    SalverConfig config =
        SalverYaml.parse(
            """
            models:
              - {name: a, base_path: /a}
              - {name: b, base_path: /b, platform: onnx, versions: all, labels: {stable: 3}}
              - {name: c, base_path: /c, versions: {latest: 2}}
              - {name: d, base_path: /d, versions: [5, 3]}
              - {name: e, base_path: /e, on_demand: true}
              - {name: f, base_path: /f, on_demand: true, pinned: true}
            """);
    assertThat(config.models())
        .containsExactly(
            new ModelConfig("a", Path.of("/a"), "", VersionPolicy.LATEST, Map.of()),
            new ModelConfig(
                "b", Path.of("/b"), "onnx", new VersionPolicy.All(), Map.of("stable", 3L)),
            new ModelConfig("c", Path.of("/c"), "", new VersionPolicy.Latest(2), Map.of()),
            new ModelConfig(
                "d",
                Path.of("/d"),
                "",
                new VersionPolicy.Specific(new TreeSet<>(List.of(3L, 5L))),
                Map.of()),
            new ModelConfig("e", Path.of("/e"), "", VersionPolicy.LATEST, Map.of())
                .withResidence(true, false),
            new ModelConfig("f", Path.of("/f"), "", VersionPolicy.LATEST, Map.of())
                .withResidence(true, true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lissten: {}|unknown key: lissten (expected: one of [access, access_log, batching, cache,",
        "listen: {prot: 1}|unknown key: listen.prot (expected: one of [connections, event_loops,",
        "listen: 8500|listen: 8500 (expected: a mapping of keys to values)",
        "listen: {grpc_port: x}|listen.grpc_port: x (expected: an integer)",
        "listen: {grpc_port: 70000}|grpc_port: 70000 (expected: 0 to 65535)",
        "lifecycle: {poll: 5}|lifecycle.poll: 5 (expected: a number and us, ms, s, m or h, as 250ms)",
        "limits: {max_request_size: 1MB}|limits.max_request_size: 1MB (expected: a number and B,",
        "log: {format: xml}|log.format: xml (expected: one of [text, json])",
        "rest: {cors: maybe}|rest.cors: maybe (expected: true or false)",
        "models: {a: 1}|models: {a=1} (expected: a list)",
        "models: [{name: a}]|models[0].base_path: missing (expected: a string)",
        "models: [{name: a, base_path: /a}, {name: a, base_path: /b}]|models[1].name: a (expected:",
        "models: [{name: a, base_path: /a, versions: newest}]|models[0].versions: newest (expected:",
        "models: [{name: a, base_path: /a, versions: [-1]}]|models[0].versions: -1 (expected: an",
        "models: [{name: a, base_path: /a, labels: {x: one}}]|models[0].labels.x: one (expected: an",
        "models: [{name: a, base_path: /a, versions: {latest: 0}}]|models[0].versions.latest: 0 (exp",
        "models: [{name: a, base_path: /a, versions: {latest: 3000000000}}]|latest: 3000000000 (exp",
        "models: [{name: a, base_path: /a, versions: []}]|models[0].versions: [] (expected: at least",
        "models: [{name: a, base_path: \"/a\\0\"}]|(expected: a path): Nul character",
        "lifecycle: {model_config_file: \"/a\\0\"}|(expected: a path): Nul character",
        "lifecycle: {poll: 99999999999999999999s}|lifecycle.poll: 99999999999999999999s (expected: at",
        "lifecycle: {poll: 9000000000000000000h}|lifecycle.poll: 9000000000000000000h (expected: at",
        "lifecycle: {poll: 9000000h}|lifecycle.poll: 9000000h (expected: at most 876000h)",
        "lifecycle: {quiet_period: -1s}|quiet_period: PT-1S (expected: 0 to 876000h)",
        "lifecycle: {drain_limit: -1s}|drain_limit: PT-1S (expected: 0 to 876000h)",
        "lifecycle: {load_retry_interval: -1us}|load_retry_interval: PT-0.000001S (expected: 0 to",
        "lifecycle: {on_demand: {max_waiting: 0}}|lifecycle.on_demand.max_waiting: 0 (expected: >= 1)",
        "lifecycle: {on_demand: {max_wait: 0s}}|lifecycle.on_demand.max_wait: PT0S (expected: more",
        "lifecycle: {on_demand: true}|lifecycle.on_demand: true (expected: a mapping of keys to values)",
        "model_repository: {on_demand: true}|(expected: neither without a directory)",
        "model_repository: {directory: /r, pinned: [a]}|pinned: [a] (expected: none, but with on_d",
        "lifecycle: {memory_budget: 9999999999TiB}|lifecycle.memory_budget: 9999999999TiB (expected:",
        "lifecycle: {memory_budget: 99999999999999999999}|memory_budget: 99999999999999999999 (expec",
        "batching: {max_batch_size: 0}|batching.max_batch_size: 0 (expected: >= 1)",
        "batching: {max_rows: 1}|unknown key: batching.max_rows (expected: one of [adaptive_limit,",
        "batching: {mode: sometimes}|batching.mode: sometimes (expected: one of [auto, on, off])",
        "batching: {policy: aimd}|batching.policy: AIMD without latency_objective (expected: both,",
        "batching: {timeout: -1ms}|batching.timeout: PT-0.001S (expected: >= 0)",
        "batching: {allowed_batch_sizes: [64, 32]}|batching.allowed_batch_sizes: [64, 32] (expected:",
        "batching: {allowed_batch_sizes: [32]}|(expected: the last to be the most rows of a run, 64)",
        "batching: {allowed_batch_sizes: [a]}|batching.allowed_batch_sizes: a (expected: a list of",
        "batching: {default_priority: 1}|batching.default_priority: 1 (expected: 0 to",
        "batching: {min_in_flight: 0}|batching.min_in_flight: 0 (expected: >= 1)",
        "stores: {poll: -1s}|stores: poll PT-1S, quiet_period PT30S (expected: >= 0 each)",
        "stores: {downloads: 0}|stores.downloads: 0 (expected: >= 1)",
        "stores: {max_version_size: 0}|stores.max_version_size: 0 (expected: >= 1)",
        "stores: {s3: {endpoint: localhost}}|stores.s3.endpoint: not one (expected: https://HOST:PORT",
        "stores: {s3: {endpoint: 'http://me:secret@localhost'}}|stores.s3.endpoint: not one (expected:",
        "stores: {s3: {secret_key: x}}|unknown key: stores.s3.secret_key (expected: one of [anonymous,",
        "models: [{name: a, base_path: 'gs://b/a'}]|models[0].base_path: gs://b/a (expected: a path,",
        "models: [{name: a, base_path: 'https://me:secret@h/a'}]|models[0].base_path: https://... with a",
        "models: [{name: a, base_path: 's3://h:9000/b/a'}]|(expected: s3://BUCKET/PREFIX, and the",
        "cache: {max_size: big}|cache.max_size: big (expected: a number and B,",
        "cache: {size: 1}|unknown key: cache.size (expected: one of [max_size])",
        "models: [{name: a, base_path: /a, batching: {instances: -1}}]|models[0].batching.instances: -1",
        "endpoints: {}|endpoints: {} (expected: a list)",
        "endpoints: [x]|endpoints[0]: \"x\" (expected: an object)",
        "endpoints: [{name: e, policy: {type: split, routes: [{model: m, weight: 9}]}}]|endpoints[0]."
            + "policy: weights of split: 9.0 together (expected: 100)",
        "endpoints: [{name: e, policy: {kind: a}}]|endpoints[0].policy.type: missing (expected: one of",
        "endpoints: [{name: e, 1: a}]|endpoints[0]: key 1 (expected: a string)",
        "endpoints: [{name: e, policy: 2020-01-01}]|endpoints[0].policy: \"2020-01-01\" (expected:",
        "endpoints: [&a {name: e, policy: {type: direct, route: {model: m}}}, *a]|endpoints[1].name: e"
            + " (expected: a name not used before)",
        "endpoints: [&a {name: e, default: {y: *a}}]|endpoints[0].default",
        "state_dir: [a]|state_dir: [a] (expected: a string)",
        "request_log: {sampling_rate: 2}|sampling_rate: 2.0 (expected: 0 to 1)",
        "'a: 1\na: 2'|not YAML: ",
        "'a: [1'|not YAML: ",
        "'!!javax.script.ScriptEngineManager []'|not YAML: ",
      })
  void whatDoesNotFitIsRefusedWithPlaceValueAndExpectation(String yaml, String message) {
    assertThatThrownBy(() -> SalverYaml.parse(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aFileThatCannotBeReadIsNamed() {
    assertThatThrownBy(() -> SalverYaml.read(Path.of("/nowhere/salver.yaml")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("/nowhere/salver.yaml");
  }
}
