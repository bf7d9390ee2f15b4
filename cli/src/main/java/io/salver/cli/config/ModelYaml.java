package io.salver.cli.config;

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
 */
public record ModelYaml(
    Optional<String> engine, List<StepSpec> preprocess, List<StepSpec> postprocess) {
  /** The file's name in the version's directory. */
  public static final String FILE_NAME = "model.yaml";

  /** What holds where there is no file. */
  public static final ModelYaml DEFAULT = new ModelYaml(Optional.empty(), List.of(), List.of());

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

  static ModelYaml parse(String yaml) {
    Section root = new Section("", SalverYaml.load(yaml));
    ModelYaml model =
        new ModelYaml(
            root.string("engine"),
            StepYaml.read(root, "preprocess"),
            StepYaml.read(root, "postprocess"));
    root.end();
    return model;
  }
}
