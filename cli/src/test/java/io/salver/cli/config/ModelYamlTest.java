package io.salver.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Device;
import io.salver.engine.EngineOptions;
import io.salver.engine.process.ContainerImage;
import io.salver.engine.process.WorkerSpec;
import io.salver.engine.steps.StepSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelYamlTest {
  @TempDir Path directory;

  @Test
  void whereThereIsNoFileNothingIsDeclared() {
    assertThat(ModelYaml.read(directory)).isEqualTo(ModelYaml.DEFAULT);
    assertThat(ModelYaml.parse("")).isEqualTo(ModelYaml.DEFAULT);
  }

  @Test
  void stepsHaveTheseDefaults() {
    ModelYaml yaml =
        ModelYaml.parse(
            """
            preprocess:
              - image: {tensor: x}
              - word_pieces: {vocabulary: vocab.txt, ids: ids}
            postprocess:
              - softmax: {tensor: y}
              - labels: {tensor: y, file: labels.txt}
              - names: {tensor: k, file: labels.txt}
            """);
    assertThat(yaml.preprocess())
        .containsExactly(
            new StepSpec.Image(
                "image",
                "x",
                List.of(),
                StepSpec.Resize.STRETCH,
                1,
                StepSpec.Color.RGB,
                0,
                255,
                List.of(),
                List.of(),
                1 << 24),
            new StepSpec.WordPieces(
                "text", "vocab.txt", true, 512, "ids", Optional.empty(), Optional.empty()));
    assertThat(yaml.postprocess())
        .containsExactly(
            new StepSpec.Softmax("y", "y"),
            new StepSpec.Labels("y", "labels.txt", 5, "label", "score"),
            new StepSpec.Names("k", "labels.txt", "k"));
  }

  @Test
  void everyKeyIsRead() throws IOException {
    Files.writeString(
        directory.resolve(ModelYaml.FILE_NAME),
        """
        engine: onnx
        preprocess:
          - image:
              input: jpeg
              tensor: x
              size: [224, 192]
              resize: crop
              crop_fraction: 0.875
              color: bgr
              range: [-1, 1]
              mean: [0.1, 0.2, 0.3]
              std: [2]
              max_pixels: 100
          - word_pieces:
              {input: t, vocabulary: v, lower_case: false, max_tokens: 9, ids: i, mask: m, types: y}
          - columns: {inputs: [a, b], tensor: z}
        postprocess:
          - softmax: {tensor: a, output: b}
          - labels: {tensor: b, file: f, top: 2, label: l, score: s}
          - names: {tensor: c, file: f, output: d}
        device: [cuda:1, cpu]
        device_memory_limit_bytes: 3GiB
        instances: 4
        dequantize: true
        """);
    assertThat(ModelYaml.read(directory))
        .isEqualTo(
            new ModelYaml(
                Optional.of("onnx"),
                List.of(
                    new StepSpec.Image(
                        "jpeg",
                        "x",
                        List.of(224, 192),
                        StepSpec.Resize.CROP,
                        0.875,
                        StepSpec.Color.BGR,
                        -1,
                        1,
                        List.of(0.1, 0.2, 0.3),
                        List.of(2.0),
                        100),
                    new StepSpec.WordPieces(
                        "t", "v", false, 9, "i", Optional.of("m"), Optional.of("y")),
                    new StepSpec.Columns(List.of("a", "b"), "z")),
                List.of(
                    new StepSpec.Softmax("a", "b"),
                    new StepSpec.Labels("b", "f", 2, "l", "s"),
                    new StepSpec.Names("c", "f", "d")),
                Optional.empty(),
                "python3",
                false,
                new Placement(List.of(new Device("cuda", 1), Device.CPU), 3L << 30, 4),
                true));
    assertThat(ModelYaml.parse("device: tensorrt").placement().devices())
        .containsExactly(new Device("tensorrt", 0));
  }

  @Test
  void whatHoldsForAllModelsHoldsAsFarAsTheEngineKnowsIt() {
    Device cuda = new Device("cuda", 0);
    EngineOptions all = new EngineOptions(2, 3).withDevices(List.of(cuda, Device.CPU));
    Set<String> both = Set.of("cpu", "cuda");
    assertThat(Placement.DEFAULT.options(all, both)).isEqualTo(all);
    assertThat(Placement.DEFAULT.options(all, Set.of("cpu")).devices()).containsExactly(Device.CPU);
    assertThat(Placement.DEFAULT.options(all.withDevices(List.of(cuda)), Set.of("cpu")).devices())
        .containsExactly(Device.CPU);
    Placement own = new Placement(List.of(cuda), 5, 6);
    assertThat(own.options(all, Set.of("cpu")))
        .isEqualTo(
            new EngineOptions(2, 3)
                .withDevices(List.of(cuda))
                .withDeviceMemoryLimitBytes(5)
                .withInstances(6));
  }

  @Test
  void aWorkerHasTheseDefaultsAndEveryKeyIsRead() {
    ModelYaml plain = ModelYaml.parse("worker: {}");
    assertThat(plain.worker()).contains(WorkerSpec.DEFAULT);
    assertThat(plain.engineName()).contains("process");
    ModelYaml isolated = ModelYaml.parse("isolate: true\nworker: {replicas: 2}");
    assertThat(isolated.isolate()).isTrue();
    assertThat(isolated.engineName()).isEmpty();
    ModelYaml all =
        ModelYaml.parse(
            """
            worker:
              command: [a, b]
              python: /opt/python
              image: r/n:1
              container_runtime: podman
              cpus: 1.5
              protocol: oip
              replicas: 3
              connections: 2
              env: {A: b, C: 1}
              start_timeout: 2s
              run_limit: 3s
              deadline_grace: 4ms
              memory_limit: 5MiB
              allow_pickle: true
            """);
    assertThat(all.python()).isEqualTo("/opt/python");
    assertThat(all.worker())
        .contains(
            new WorkerSpec(
                List.of("a", "b"),
                Map.of("A", "b", "C", "1"),
                "oip",
                3,
                2,
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofMillis(4),
                true,
                5 << 20,
                Optional.of(new ContainerImage("r/n:1", "podman", 1.5))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {replicas: 0}            | replicas 0, connections 1, memory limit 0 (expected: >= 1
          {start_timeout: 0s}      | start timeout PT0S, run limit PT30S
          {image: ""}              | worker.image: image: ""
          {env: 3}                 | worker.env: 3 (expected: a mapping of names to values)
          {commands: [a]}          | unknown key: worker.commands
          """)
  void workersThatCannotBeAreRefused(String worker, String reason) {
    assertThatThrownBy(() -> ModelYaml.parse("worker: " + worker))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(reason);
    assertThatThrownBy(() -> ModelYaml.parse("isolate: true\nworker: {command: [a]}"))
        .hasMessage("worker.command and worker.image (expected: neither, with isolate: true)");
    assertThatThrownBy(() -> ModelYaml.parse("isolate: true\nworker: {protocol: oip}"))
        .hasMessage("worker.protocol: oip (expected: salver, with isolate: true)");
    assertThatThrownBy(() -> ModelYaml.parse("engine: onnx\nworker: {replicas: 2}"))
        .hasMessage("engine: onnx (expected: process, or isolate: true, with worker)");
    assertThatThrownBy(() -> ModelYaml.parse("isolate: true\ninstances: 2"))
        .hasMessage(
            "instances: 2 (expected: worker.replicas and worker.connections, where the model runs"
                + " in other processes)");
    assertThat(ModelYaml.parse("engine: process\nworker: {replicas: 2}").worker()).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          enjine: onnx | unknown key: enjine (expected: one of [dequantize, device, device_memory_limit_bytes, engine, instances, isolate, postprocess, preprocess, worker])
          device: 1 | device: 1 (expected: cpu, or a kind of accelerator and its number, as cuda:0)
          device: [] | device: [] (expected: at least one, and each once)
          device: [cpu, cuda:0, cpu] | device: [cpu, cuda:0, cpu] (expected: at least one, and each once)
          device: {cuda: 0} | device: {cuda=0} (expected: cpu, or
          device_memory_limit_bytes: -1 | device_memory_limit_bytes: -1 (expected: a number and B, KiB,
          device_memory_limit_bytes: much | device_memory_limit_bytes: much (expected: a number and B, KiB,
          instances: -1 | instances: -1 (expected: 0 to 1024)
          instances: two | instances: two (expected: an integer)
          dequantize: 1 | dequantize: 1 (expected: true or false)
          preprocess: 1 | preprocess: 1 (expected: a list)
          preprocess: [{}] | preprocess[0]: [] (expected: one of [image,
          preprocess: [{image: {tensor: x}, names: {}}] | preprocess[0]: [image, names] (expected: one of
          preprocess: [{image: {}}] | preprocess[0].image.tensor: missing
          preprocess: [{image: {tensor: x, zoom: 2}}] | unknown key: preprocess[0].image.zoom
          preprocess: [{image: {tensor: x, resize: cut}}] | preprocess[0].image.resize: cut (expected: one of [stretch, crop, pad])
          preprocess: [{image: {tensor: x, range: [1]}}] | preprocess[0].image.range: [1.0] (expected: [low, high])
          preprocess: [{image: {tensor: x, mean: [a]}}] | preprocess[0].image.mean: a (expected: a list of numbers)
          preprocess: [{image: {tensor: x, max_pixels: 0}}] | preprocess[0].image.max_pixels: 0 (expected: >= 1)
          preprocess: [{columns: {tensor: x, inputs: a}}] | preprocess[0].columns.inputs: a (expected: a list of strings)
          postprocess: [{labels: {tensor: x}}] | postprocess[0].labels.file: missing
          a: [ | not YAML
          """)
  void whatIsWrongIsNamed(String yaml, String message) throws IOException {
    Path file = Files.writeString(directory.resolve(ModelYaml.FILE_NAME), yaml);
    assertThatThrownBy(() -> ModelYaml.read(directory))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void aFileThatIsTooLongIsNotRead() throws IOException {
    Files.writeString(directory.resolve(ModelYaml.FILE_NAME), "#".repeat((1 << 20) + 1));
    assertThatThrownBy(() -> ModelYaml.read(directory))
        .hasMessageContaining("longer than 1048576 bytes");
  }
}
