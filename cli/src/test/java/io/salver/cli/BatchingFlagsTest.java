package io.salver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.batching.AimdPolicy;
import io.salver.batching.BatchPolicy;
import io.salver.batching.BatchingOptions;
import io.salver.cli.config.BatchingConfig;
import io.salver.cli.config.ConfigException;
import io.salver.cli.config.RunConfig;
import io.salver.cli.config.SalverConfig;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.lifecycle.VersionRunner;
import io.salver.model.ModelVersion;
import io.salver.testkit.HalfPlusTwo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchingFlagsTest {
  @TempDir Path temp;

  private final BatchingFlags flags = new BatchingFlags();

  private BatchingOptions options() {
    return flags.over(RunConfig.DEFAULT).defaults().batching().batchingOptions();
  }

  @Test
  void withoutFlagsTheConfigurationFileHolds() {
    assertThat(flags.over(RunConfig.DEFAULT)).isEqualTo(RunConfig.DEFAULT);
    assertThat(options()).isEqualTo(BatchingOptions.DEFAULT);
  }

  @Test
  void batchingThatIsTurnedOffIsOff() {
    flags.enableBatching = false;
    assertThat(options().mode()).isEqualTo(BatchingOptions.Mode.OFF);
  }

  @Test
  void enabledWithoutAFileTensorFlowServingsDefaultsHold() {
    flags.enableBatching = true;
    assertThat(options().policy()).isEqualTo(new BatchPolicy.Fixed(1_000));
    assertThat(options().maxRequestRows()).isEqualTo(1_000);
    assertThat(options().maxQueuedRows()).isEqualTo(10_000);
    assertThat(options().timeout()).isZero();
  }

  @Test
  void theParameterFileIsKeptTo() throws Exception {
    flags.enableBatching = true;
    flags.batchingParametersFile =
        Files.writeString(
            temp.resolve("batching.txt"),
            """
            max_batch_size { value: 128 }
            batch_timeout_micros { value: 500 }
            max_enqueued_batches { value: 20 }
            num_batch_threads { value: 8 }
            allowed_batch_sizes: [4, 32]
            enable_large_batch_splitting { value: true }
            max_execution_batch_size { value: 32 }
            pad_variable_length_inputs: true
            """);
    BatchingOptions options = options();
    assertThat(options.policy()).isEqualTo(new BatchPolicy.Fixed(32));
    assertThat(options.maxRequestRows()).isEqualTo(128);
    assertThat(options.maxExecutionRows()).isEqualTo(32);
    assertThat(options.splitLargeRequests()).isTrue();
    assertThat(options.allowedRows()).containsExactly(4, 32);
    assertThat(options.timeout()).isEqualTo(Duration.ofNanos(500_000));
    assertThat(options.maxQueuedRows()).isEqualTo(640);
    assertThat(options.padVariableLength()).isTrue();
    assertThat(flags.over(RunConfig.DEFAULT).defaults().batching().instances()).isEqualTo(8);
  }

  @Test
  void aWrongParameterFileIsRefusedWithItsNameAndTheRule() throws Exception {
    flags.enableBatching = true;
    flags.batchingParametersFile =
        Files.writeString(temp.resolve("batching.txt"), "allowed_batch_sizes: [4, 32]");
    assertThatThrownBy(this::options)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("batching.txt: allowed_batch_sizes: [4, 32] (expected: the last to");
  }

  @Test
  void aLatencyObjectiveMakesTheBatchSizeAdapt() {
    BatchingConfig d = BatchingConfig.DEFAULT;
    BatchingConfig objective =
        new BatchingConfig(
            d.mode(),
            64,
            d.policy(),
            Duration.ofMillis(20),
            d.timeout(),
            d.queueTimeout(),
            0,
            0,
            List.of(),
            false,
            false,
            0,
            0,
            0,
            true,
            128);
    assertThat(objective.batchingOptions().policy())
        .isEqualTo(AimdPolicy.starting(10_000_000, 64, 2));
    assertThat(objective.admissionOptions().latencyObjective()).isEqualTo(Duration.ofMillis(20));
  }

  @Test
  void aVersionsOwnParametersAreReadWhereThatIsEnabled() throws Exception {
    Files.writeString(temp.resolve("batching_params.pbtxt"), "max_batch_size { value: -1 }");
    ModelVersion version = new ModelVersion("m", 1);
    ModelFiles files = new ModelFiles(temp);
    try (HalfPlusTwo model = new HalfPlusTwo()) {
      new Runners(SalverConfig.DEFAULT).create(version, files, model).close();
      flags.enableBatching = true;
      flags.perModel = true;
      VersionRunner.Factory runners =
          new Runners(SalverConfig.DEFAULT.withRun(flags.over(RunConfig.DEFAULT)));
      assertThatThrownBy(() -> runners.create(version, files, model))
          .isInstanceOf(ModelLoadException.class)
          .hasMessageContaining("batching_params.pbtxt: max_batch_size: -1 (expected: 1 to");
      Files.writeString(temp.resolve("batching_params.pbtxt"), "max_batch_size { value: 4 }");
      runners.create(version, files, model).close();
    }
  }
}
