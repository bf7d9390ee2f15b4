package io.salver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.cli.config.ModelYaml;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.engine.placement.PlacedEngine;
import io.salver.tensor.Signature;
import io.salver.testkit.FakeEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fake engine's model takes x as FLOAT32[-1] and gives y as FLOAT32[-1]. */
class DeclaredEngineTest {
  @TempDir Path directory;
  private final FakeEngine fake = new FakeEngine("onnx");
  private final DeclaredEngine engine = new DeclaredEngine(fake);

  @BeforeEach
  void makeAModel() throws IOException {
    FakeEngine.write(directory, "ready");
  }

  private LoadedModel load() throws ModelLoadException {
    return engine.load(new ModelFiles(directory), EngineOptions.DEFAULT);
  }

  private void declare(String yaml) throws IOException {
    Files.writeString(directory.resolve(ModelYaml.FILE_NAME), yaml);
  }

  @Test
  void aModelThatDeclaresNothingIsTheEnginesOwn() throws Exception {
    try (LoadedModel model = load()) {
      assertThat(model).isInstanceOf(FakeEngine.Model.class);
    }
  }

  @Test
  void stepsAreAroundTheModel() throws Exception {
    declare("postprocess: [{softmax: {tensor: y, output: p}}]");
    try (LoadedModel model = load()) {
      assertThat(model.signatures().get(Signature.DEFAULT_NAME).outputIndex("p")).isZero();
    }
    assertThat(fake.loaded()).hasSize(1).allMatch(FakeEngine.Model::isClosed);
  }

  @Test
  void devicesAreDescribedAndThoseThatTheEngineHasNotRefused() throws Exception {
    declare("device: [cuda:0, cpu]\ndevice_memory_limit_bytes: 2GiB\ninstances: 3");
    assertThat(engine.describe(new ModelFiles(directory)))
        .containsEntry("device", "cuda:0, else cpu, at most 2147483648 bytes, 3 instances");
    try (DeclaredEngine placed = new DeclaredEngine(new PlacedEngine(fake))) {
      placed.load(new ModelFiles(directory), EngineOptions.DEFAULT).close();
      declare("device: cuda:0");
      assertThatThrownBy(() -> placed.load(new ModelFiles(directory), EngineOptions.DEFAULT))
          .isInstanceOf(ModelLoadException.class)
          .hasMessage(
              "device: cuda:0 (expected: one of [cpu], on which the engine onnx can run models)");
    }
  }

  @Test
  void anotherEngineShowsIntegersAsTheyAre() throws Exception {
    declare("dequantize: true");
    assertThatThrownBy(this::load)
        .isInstanceOf(ModelLoadException.class)
        .hasMessageEndingWith(
            "model.yaml: dequantize: true for the engine onnx (expected: tflite)");
  }

  @Test
  void memoryIsDeclaredForEachInstance() throws Exception {
    FakeEngine.write(directory, "ready 100");
    declare("instances: 3");
    assertThat(engine.inspect(new ModelFiles(directory))).isEqualTo(new Inspection.Ready(300));
  }

  @Test
  void aModelOfAnotherEngineIsNotMine() throws Exception {
    declare("engine: tflite");
    assertThat(engine.inspect(new ModelFiles(directory))).isInstanceOf(Inspection.NotMine.class);
    declare("engine: onnx");
    assertThat(engine.inspect(new ModelFiles(directory))).isInstanceOf(Inspection.Ready.class);
  }

  @Test
  void whatIsWrongIsSaidWhenTheModelIsLoaded() throws Exception {
    declare("engine: [");
    assertThat(engine.inspect(new ModelFiles(directory))).isInstanceOf(Inspection.Ready.class);
    assertThatThrownBy(this::load)
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("model.yaml: not YAML");
    declare("postprocess: [{softmax: {tensor: z}}]");
    assertThatThrownBy(this::load)
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("model.yaml: step softmax: tensor: \"z\"");
    assertThat(fake.loaded()).allMatch(FakeEngine.Model::isClosed);
  }
}
