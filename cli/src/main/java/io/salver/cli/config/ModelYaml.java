package io.salver.cli.config;

import io.salver.engine.process.FileWorkers;
import io.salver.engine.process.ProcessEngine;
import io.salver.engine.process.WorkerSpec;
import io.salver.engine.steps.StepSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a version says of itself, in {@value #FILE_NAME} beside its files.
 *
 * @param engine the engine that is to run it; empty: found out from the files
 * @param preprocess what is done before it runs
 * @param postprocess what is done after
 * @param worker the process that serves it, or, if it is isolated, how that is run
 * @param python runs the worker's files, where no command is given
 * @param isolate whether its engine is run in a process of its own
 * @param placement on what it runs, and how many times at once
 * @param dequantize whether quantised tensors are shown as the real numbers that they stand for
 */
public record ModelYaml(
    Optional<String> engine,
    List<StepSpec> preprocess,
    List<StepSpec> postprocess,
    Optional<WorkerSpec> worker,
    String python,
    boolean isolate,
    Placement placement,
    boolean dequantize) {
  /** The file's name in the version's directory. */
  public static final String FILE_NAME = "model.yaml";

  /** What holds where there is no file. */
  public static final ModelYaml DEFAULT =
      new ModelYaml(
          Optional.empty(),
          List.of(),
          List.of(),
          Optional.empty(),
          FileWorkers.PYTHON,
          false,
          Placement.DEFAULT,
          false);

  private static final Optional<String> PROCESS = Optional.of(ProcessEngine.NAME);
  private static final int MAX_BYTES = 1 << 20;

  /**
   * Reads the file in a version's directory, if there is one.
   *
   * @throws ConfigException if it cannot be read, is not YAML, has unknown keys or wrong values;
   *     the message begins with the file
   */
  public static ModelYaml read(Path directory) {
    Path file = directory.resolve(FILE_NAME);
    if (!Files.exists(file)) {
      return DEFAULT;
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new ConfigException("longer than " + MAX_BYTES + " bytes (expected: at most that)");
      }
      return parse(new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new ConfigException(file + " cannot be read: " + e);
    } catch (ConfigException e) {
      throw new ConfigException(file + ": " + e.getMessage());
    }
  }

  /** The engine that is to run it, as far as that is said. */
  public Optional<String> engineName() {
    return engine.isEmpty() && worker.isPresent() && !isolate
        ? Optional.of(ProcessEngine.NAME)
        : engine;
  }

  static ModelYaml parse(String yaml) {
    Section root = new Section("", SalverYaml.load(yaml));
    Section worker = root.section("worker");
    boolean isolate = root.bool("isolate", false);
    ModelYaml model =
        new ModelYaml(
            root.string("engine"),
            StepYaml.read(root, "preprocess"),
            StepYaml.read(root, "postprocess"),
            root.get("worker") == null
                ? Optional.empty()
                : Optional.of(WorkerYaml.read(worker, isolate)),
            worker.string("python").orElse(FileWorkers.PYTHON),
            isolate,
            Placement.read(root),
            root.bool("dequantize", false));
    worker.end();
    root.end();
    if (model.worker.isPresent() && !isolate && !model.engineName().equals(PROCESS)) {
      throw new ConfigException(
          "engine: "
              + model.engine.orElse("")
              + " (expected: "
              + ProcessEngine.NAME
              + ", or isolate: true, with worker)");
    }
    if (model.placement.instances() > 0 && (isolate || model.worker.isPresent())) {
      throw new ConfigException(
          "instances: "
              + model.placement.instances()
              + " (expected: worker.replicas and worker.connections, where the model runs in other"
              + " processes)");
    }
    return model;
  }
}
