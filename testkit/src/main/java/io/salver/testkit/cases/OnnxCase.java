package io.salver.testkit.cases;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A model, inputs for its signature {@code serving_default}, and what it has to do with them.
 *
 * @param name unique; letters, digits, {@code _} and {@code -}: fit for a model's name
 * @param model the model's file
 * @param otherFiles files that lie beside it
 * @param inputs empty if the model is expected to be refused
 */
public record OnnxCase(
    String name, Path model, List<Path> otherFiles, List<TensorData> inputs, Expected expected) {

  /** A case of a model of one file. */
  static OnnxCase of(String name, Path model, Expected expected, TensorData... inputs) {
    String fit = name.replaceAll("[^A-Za-z0-9_-]", "_");
    return new OnnxCase(fit, model, List.of(), List.of(inputs), expected);
  }

  /** A case that is answered. */
  static OnnxCase of(String name, Path model, Expected.Answer answer, TensorData... inputs) {
    return of(name, model, new Expected.Answered(answer), inputs);
  }

  /** This case with files beside the model. */
  OnnxCase beside(Path... files) {
    return new OnnxCase(name, model, List.of(files), inputs, expected);
  }

  /** Copies the files into a version's directory, which is made. */
  public void install(Path versionDirectory) throws IOException {
    Files.createDirectories(versionDirectory);
    Files.copy(model, versionDirectory.resolve(model.getFileName().toString()));
    for (Path file : otherFiles) {
      Files.copy(file, versionDirectory.resolve(file.getFileName().toString()));
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
