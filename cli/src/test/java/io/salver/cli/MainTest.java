package io.salver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private record Run(int exitCode, String output) {}

  private static Run run(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream both = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    System.setOut(both);
    System.setErr(both);
    try {
      return new Run(Main.run(args), bytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  @Test
  void versionNamesSalverAndJava() {
    Run run = run("--version");
    assertThat(run.exitCode()).isZero();
    assertThat(run.output()).contains("Salver ").contains("Java 25");
  }

  @Test
  void helpListsTheCommandsAndTheirFlags() {
    assertThat(run("--help").output()).contains("serve").contains("demo");
    assertThat(run("serve", "--help").output()).contains("--model_base_path").contains("default");
  }

  @Test
  void modelsComeFromOnePlace(@TempDir Path root) throws IOException {
    Path yaml = root.resolve("salver.yaml");
    Files.writeString(
        yaml, "models: [{name: a, base_path: /a}]\nlifecycle: {model_config_file: /m}\n");
    Run file = run("serve", "--config=" + yaml);
    assertThat(file.output()).contains("models: 1 beside a model configuration file (expected:");
    assertThat(file.exitCode()).isEqualTo(2);

    Files.writeString(yaml, "models: [{name: a, base_path: /a}]\n");
    Run flag = run("serve", "--config=" + yaml, "--model_base_path=/b");
    assertThat(flag.output()).contains("--model_base_path: /b beside models in --config");
    assertThat(flag.exitCode()).isEqualTo(2);
  }

  @Test
  void aMonitoringConfigurationThatTurnsTheMetricsOffIsRefused(@TempDir Path root)
      throws IOException {
    Path file = root.resolve("monitoring.txt");
    Files.writeString(file, "prometheus_config { enable: false }");
    Run run = run("serve", "--model_base_path=/m", "--monitoring_config_file=" + file);
    assertThat(run.output()).contains("enable: false (expected: true; the metrics are always");
    assertThat(run.exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "serve --prot=1|Unknown option: '--prot=1'",
        "serve --port=x|Invalid value for option '--port'",
        "serve|models: none (expected: --model_base_path, --model_config_file, --model-repository, or models in --config)",
        "serve --model_name=m|--model_name: m without --model_base_path",
        "serve --model_base_path=/m --batching_parameters_file=/f|--batching_parameters_file: /f without --enable_batching",
        "serve --model_base_path=/m --enable_per_model_batching_parameters|parameters without --enable_batching (expected:",
        "serve --model_base_path=/m --enable_batching --batching_parameters_file=/nowhere|/nowhere cannot be read",
        "serve --grpc_max_threads=4|--grpc_max_threads is not taken: Salver serves on its event loops",
        "serve --model_base_path=/m --port=70000|grpc_port: 70000 (expected: 0 to 65535)",
        "serve --model_base_path=/m --load_retry_interval_micros=9223372036854775807|interval: PT",
        "serve --model_base_path=/m --load_retry_interval_micros=-1|load_retry_interval: PT-0",
        "serve --config=/nowhere.yaml|/nowhere.yaml",
        "sevre|Unmatched argument",
      })
  void wrongCallsExitWithTwoAndSayWhy(String commandLine, String message) {
    Run run = run(commandLine.split(" "));
    assertThat(run.output()).contains(message);
    assertThat(run.exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--enable_batching=false",
        "--prefer_tflite_model=false",
        "--flush_filesystem_caches=true",
        "--enable_profiler=false",
        "--saved_model_tags=serve",
        "--ssl_config_file=",
      })
  void refusedFlagsWhoseValueAsksForNothingAreIgnored(String flag) {
    Run run = run("serve", flag);
    assertThat(run.output()).contains("models: none").doesNotContain("not taken");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--flush_filesystem_caches",
        "--enable_profiler=maybe",
        "--saved_model_tags=gpu",
      })
  void refusedFlagsThatAskForSomethingAreNot(String flag) {
    assertThat(run("serve", flag).output()).contains("is not taken: ");
  }

  @Test
  void aKeyIsPrintedOnceWithTheLineForTheServer() {
    Run run = run("keys", "create", "checkout", "--roles=predict,observe");
    assertThat(run.exitCode()).isZero();
    assertThat(run.output())
        .containsPattern("(?m)^  salver_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$")
        .containsPattern(
            "(?m)^    - \\{name: checkout, key: \"hmac-sha256:[0-9a-f:]+\", roles: \\[predict, observe\\]\\}$");
    assertThat(run("keys", "create", "a b", "--roles=predict").exitCode()).isEqualTo(2);
    assertThat(run("keys", "create", "a", "--roles=root").exitCode()).isEqualTo(2);
    assertThat(run("keys").output()).contains("a command is missing (expected: create)");
  }
}
