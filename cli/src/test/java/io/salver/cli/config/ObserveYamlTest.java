package io.salver.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.cost.Prices;
import io.salver.server.cost.CostMeter;
import io.salver.server.telemetry.Telemetry;
import io.salver.server.trace.AccessLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObserveYamlTest {
  private static ObserveConfig parse(String yaml) {
    return SalverYaml.parse(yaml).observe();
  }

  @Test
  void withoutKeysNothingIsPricedOrWritten() {
    assertThat(parse(""))
        .isEqualTo(ObserveConfig.DEFAULT)
        .isEqualTo(
            new ObserveConfig(
                new CostMeter.Config(new Prices("USD", 0, 0, 0), Map.of()),
                new AccessLogConfig(
                    AccessLogConfig.Output.OFF,
                    Optional.empty(),
                    AccessLog.Format.JSON,
                    67_108_864,
                    10),
                new SlowLogConfig(Duration.ZERO, Map.of()),
                new TelemetryConfig(Optional.empty(), true, 0.01, true)));
    assertThat(parse("telemetry: {endpoint: 'http://h:4318'}").telemetry().receiver())
        .contains(
            new Telemetry.Config(
                "http://h:4318",
                "salver",
                Map.of(),
                Map.of(),
                Duration.ofSeconds(10),
                Duration.ofMinutes(1)));
  }

  @Test
  void everyKeyIsRead() {
    assertThat(
            parse(
                """
                costs:
                  currency: EUR
                  cpu_second: 1.5
                  memory_gb_second: 2
                  accelerator_second: 3
                  accelerators: {embedder: 4}
                access_log: {output: files, directory: /a, format: text, max_file_size: 5B, max_files: 6}
                slow_log:
                  threshold: 7ms
                  models: {embedder: 8s, quick: 0s}
                telemetry:
                  endpoint: https://collector:9/otlp
                  service_name: s
                  attributes: {a: b}
                  headers: {authorization: secret}
                  traces: false
                  sampling: 0.5
                  metrics: false
                  metric_interval: 10s
                  timeout: 11s
                """))
        .isEqualTo(
            new ObserveConfig(
                new CostMeter.Config(new Prices("EUR", 1.5, 2, 3), Map.of("embedder", 4)),
                new AccessLogConfig(
                    AccessLogConfig.Output.FILES,
                    Optional.of(Path.of("/a")),
                    AccessLog.Format.TEXT,
                    5,
                    6),
                new SlowLogConfig(
                    Duration.ofMillis(7),
                    Map.of("embedder", Duration.ofSeconds(8), "quick", Duration.ZERO)),
                new TelemetryConfig(
                    Optional.of(
                        new Telemetry.Config(
                            "https://collector:9/otlp",
                            "s",
                            Map.of("a", "b"),
                            Map.of("authorization", "secret"),
                            Duration.ofSeconds(11),
                            Duration.ofSeconds(10))),
                    false,
                    0.5,
                    false)));
  }

  @Test
  void headersAreNotShown() {
    assertThat(parse("telemetry: {endpoint: 'http://h', headers: {authorization: secret}}"))
        .asString()
        .contains("authorization")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "costs: {cpu_second: -1}        | costs.cpu_second: -1.0 (expected: >= 0)",
        "costs: {memory_gb_second: .nan} | costs.memory_gb_second: NaN (expected: >= 0)",
        "costs: {currency: ' '}         | costs.currency: \" \" (expected: as USD)",
        "costs: {accelerators: 1}       | costs.accelerators: 1 (expected: a mapping of keys to values)",
        "costs: {accelerators: {m: -1}} | costs.accelerators.m: -1 (expected: >= 0)",
        "costs: {accelerators: {m: x}}  | costs.accelerators.m: x (expected: an integer)",
        "access_log: {output: files}    | access_log.directory: missing (expected: a path, with output: files)",
        "access_log: {output: kafka}    | access_log.output: kafka (expected: one of [off, stdout, files])",
        "access_log: {max_files: 0}     | access_log.max_files: 0 (expected: >= 1)",
        "access_log: {max_file_size: 0} | access_log.max_file_size: 0 (expected: >= 1)",
        "slow_log: {threshold: -1s}     | slow_log.threshold: PT-1S (expected: >= 0s)",
        "slow_log: {models: {m: 5}}     | slow_log.models.m: 5 (expected: a number and us",
        "telemetry: {endpoint: 'localhost:4318'} | telemetry.endpoint: localhost:4318 (expected: as http://localhost:4318)",
        "telemetry: {endpoint: 'http://a b'} | telemetry.endpoint: http://a b (expected: as http://localhost:4318)",
        "telemetry: {endpoint: 'http://h', timeout: 0s} | telemetry.timeout: PT0S, metric_interval: PT1M (expected: > 0s)",
        "telemetry: {sampling: 2}       | telemetry.sampling: 2.0 (expected: 0 to 1)",
        "telemetry: {headers: {a: 1}}   | telemetry.headers.a: 1 (expected: a string)",
        "slow_log: {models: [m]}        | slow_log.models: [m] (expected: a mapping of keys to values)",
        "costs: {price: 1}              | unknown key: costs.price",
      })
  void whatCannotBeIsRefusedByItsPlace(String yaml, String message) {
    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(message);
  }
}
