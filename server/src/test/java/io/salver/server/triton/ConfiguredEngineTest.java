package io.salver.server.triton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.lifecycle.BasePath;
import io.salver.lifecycle.VersionPolicy;
import io.salver.testkit.FakeEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fake engine's model takes x as FLOAT32[-1] and gives y as FLOAT32[-1]. */
class ConfiguredEngineTest {
  @TempDir Path root;
  private Path model;
  private final FakeEngine fake = new FakeEngine("onnx");
  private final ConfiguredEngine engine = new ConfiguredEngine(fake);

  @BeforeEach
  void makeAModel() throws IOException {
    model = Files.createDirectory(root.resolve("half"));
    FakeEngine.write(model.resolve("1"), "ready");
  }

  private LoadedModel load(String config) throws Exception {
    Files.writeString(model.resolve(TritonConfig.FILE_NAME), config);
    return engine.load(new ModelFiles(model.resolve("1")), EngineOptions.DEFAULT);
  }

  private void assertRefused(String config, String... parts) {
    assertThatThrownBy(() -> load(config).close())
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("half/config.pbtxt: ")
        .hasMessageContainingAll(parts);
    assertThat(fake.loaded()).allMatch(FakeEngine.Model::isClosed);
  }

  @Test
  void aModelWithoutAConfigurationIsTheEnginesOwn() throws Exception {
    try (LoadedModel loaded =
        engine.load(new ModelFiles(model.resolve("1")), EngineOptions.DEFAULT)) {
      assertThat(loaded).isInstanceOf(FakeEngine.Model.class);
      assertThat(TritonConfig.of(loaded)).isEmpty();
      assertThat(TritonConfig.labels(loaded, "y")).isEmpty();
    }
  }

  @Test
  void aModelKnowsItsConfigurationAndItsLabels() throws Exception {
    Files.writeString(model.resolve("labels.txt"), "cat\ndog\n");
    try (LoadedModel loaded =
        load(
            """
            name: "half"
            platform: "onnxruntime_onnx"
            max_batch_size: 8
            input [ { name: "x" data_type: TYPE_FP32 dims: [ ] } ]
            output [ { name: "y" data_type: TYPE_FP32 dims: [ ] label_filename: "labels.txt" } ]
            response_cache { enable: true }
            """)) {
      TritonConfig config = TritonConfig.of(loaded).orElseThrow();
      assertThat(config.maxBatchSize()).isEqualTo(8);
      assertThat(config.cachesResponses()).isTrue();
      assertThat(TritonConfig.labels(loaded, "y")).containsExactly("cat", "dog");
      assertThat(TritonConfig.labels(loaded, "x")).isEmpty();
      assertThat(loaded.signatures()).isEqualTo(fake.loaded().getFirst().signatures());
    }
    assertThat(fake.loaded()).allMatch(FakeEngine.Model::isClosed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "backend: \"onnxruntime\"",
        "backend: \"onnx\"",
        "input { name: \"x\" data_type: TYPE_FP32 dims: 1 }",
        "input { name: \"x\" data_type: TYPE_FP32 dims: -1 }",
        "max_batch_size: 4 dynamic_batching { preferred_batch_size: [ 2, 4 ] }",
        "instance_group { count: 2 kind: KIND_GPU gpus: 0 }",
        "optimization { graph { level: 1 } } parameters { key: \"a\" value { string_value: \"b\" } }",
        "default_model_filename: \"model.fake\"",
        "model_transaction_policy { decoupled: false }"
      })
  void whatFitsTheModelIsLoaded(String config) throws Exception {
    load(config).close();
    assertThat(fake.loaded()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          name: "other" | name: "other" (expected: "half", as its directory, or none)
          max_batch_size: -1 | max_batch_size: -1 (expected: >= 0)
          max_batch_sise: 1 | max_batch_sise
          max_batch_size: "a" | 1:17
          platform: "pytorch_libtorch" | platform: "pytorch_libtorch" (expected: "onnxruntime_onnx", as the files are of the engine onnx)
          backend: "python" | backend: "python" (expected: "onnxruntime"
          sequence_batching { direct { } } | sequence_batching: set (expected: none, it is not supported)
          platform: "ensemble" ensemble_scheduling { step { model_name: "a" } } | ensemble_scheduling: 1 steps
          model_transaction_policy { decoupled: true } | model_transaction_policy.decoupled: set
          model_repository_agents { agents { name: "checksum" } } | model_repository_agents: set
          batch_input { kind: BATCH_ELEMENT_COUNT } | batch_input: set
          input { name: "x" data_type: TYPE_FP32 dims: 4 reshape { shape: 2 } } | input "x": reshape: set
          input { name: "x" data_type: TYPE_FP32 dims: 4 allow_ragged_batch: true } | input "x": allow_ragged_batch
          input { name: "z" data_type: TYPE_FP32 dims: 4 } | input: "z" (expected: one of the model's: [x])
          input { name: "x" data_type: TYPE_INT32 dims: 4 } | input "x": data_type: TYPE_INT32 (expected: TYPE_FP32)
          input { name: "x" data_type: TYPE_FP32 dims: [ 4, 1 ] } | input "x": dims: [4, 1] (expected: the model's shape [-1])
          input { name: "x" data_type: TYPE_FP32 dims: -2 } | input "x": dims: [-2]
          max_batch_size: 2 input { name: "x" data_type: TYPE_FP32 dims: 16 } | input "x": dims: [16], with the batch dimension [-1, 16] (expected: the model's shape [-1])
          input { name: "x" data_type: TYPE_FP32 dims: 4 optional: true } | optional: true (expected: false, as the model needs it)
          input [ { name: "x" data_type: TYPE_FP32 dims: 4 }, { name: "x" data_type: TYPE_FP32 dims: 4 } ] | input: "x" twice
          output { name: "z" data_type: TYPE_FP32 dims: 4 } | output: "z" (expected: one of the model's: [y])
          output { name: "y" data_type: TYPE_FP32 dims: 4 label_filename: "../../secret" } | output "y": label_filename: "../../secret"
          output { name: "y" data_type: TYPE_FP32 dims: 4 label_filename: "absent" } | output "y": label_filename: "absent"
          default_model_filename: "absent.fake" | default_model_filename: "absent.fake" (expected: the model's file in
          dynamic_batching { } | dynamic_batching: set beside max_batch_size: 0
          max_batch_size: 2 dynamic_batching { preferred_batch_size: 4 } | preferred_batch_size: 4 (expected: 1 to max_batch_size 2)
          max_batch_size: 2 dynamic_batching { default_priority_level: 1 } | default_priority_level: 1 (expected: 0
          max_batch_size: 2 dynamic_batching { priority_levels: 2 } | default_priority_level: 0 (expected: 1 to priority_levels 2)
          instance_group { count: -1 } | instance_group.count: -1 (expected: 0 to 1024)
          version_policy { specific { versions: -3 } } | version_policy.specific.versions: -3 (expected: >= 0)
          """)
  void whatDoesNotFitOrIsNotSupportedIsRefused(String config, String message) throws IOException {
    Files.write(root.resolve("secret"), new byte[8]);
    assertRefused(config, message);
  }

  @Test
  void aFileThatIsTooLongIsNotRead() {
    assertRefused("#".repeat(2 << 20), "2097152 bytes (expected: at most 1048576)");
  }

  @Test
  void whatIsDeeplyNestedOrNoTextIsRefused() {
    assertRefused("input { ".repeat(10_000), "config.pbtxt");
    assertRefused("\0\1\2", "config.pbtxt");
  }

  @Test
  void versionsAreChosenByTheFilesPolicy() throws Exception {
    assertThat(versions("")).isEqualTo(VersionPolicy.LATEST);
    assertThat(versions("version_policy { latest { num_versions: 3 } }"))
        .isEqualTo(new VersionPolicy.Latest(3));
    assertThat(versions("version_policy { latest { } }")).isEqualTo(VersionPolicy.LATEST);
    assertThat(versions("version_policy { all { } }")).isEqualTo(new VersionPolicy.All());
    assertThat(versions("version_policy { specific { versions: [ 3, 1 ] } }"))
        .isEqualTo(new VersionPolicy.Specific(new TreeSet<>(Set.of(1L, 3L))));
  }

  private VersionPolicy versions(String config) throws Exception {
    Files.writeString(model.resolve(TritonConfig.FILE_NAME), config);
    return TritonConfig.read(model).orElseThrow().versions();
  }

  @Test
  void aRepositoryListsItsModelsAndLooksNowhereElse() throws IOException {
    Files.createDirectory(root.resolve(".hidden"));
    Files.write(root.resolve("file"), new byte[8]);
    TritonRepository repository = new TritonRepository(root);
    assertThat(repository.names()).containsExactly("half");
    assertThat(repository.model("half").orElseThrow().basePath())
        .isEqualTo(new BasePath.Local(model));
    assertThat(repository.model("absent")).isEmpty();
    for (String name : List.of("", ".", "..", "../half", "half/1", "a\0", "x".repeat(256))) {
      assertThatThrownBy(() -> repository.model(name)).hasMessageContaining("invalid model name");
    }
    assertThatThrownBy(() -> new TritonRepository(root.resolve("absent")).names())
        .hasMessageContaining("cannot be read");
  }
}
