package io.salver.testkit.cases;

import io.salver.tensor.Signature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A TensorFlow Lite model, inputs for one of its signatures, and what it has to do with them.
 *
 * @param name unique; letters, digits, {@code _} and {@code -}: fit for a model's name
 * @param model the model's file
 * @param signature which of the model's signatures is called
 * @param inputs empty if the model is expected to be refused
 */
public record TfliteCase(
    String name, Path model, String signature, List<TensorData> inputs, Expected expected) {

  /** A case of a model's signature {@code serving_default}. */
  static TfliteCase of(String name, Path model, Expected.Answer answer, TensorData... inputs) {
    return of(name, model, Signature.DEFAULT_NAME, answer, inputs);
  }

  /** A case of a model's signature. */
  static TfliteCase of(
      String name, Path model, String signature, Expected.Answer answer, TensorData... inputs) {
    return new TfliteCase(name, model, signature, List.of(inputs), new Expected.Answered(answer));
  }

  /** A case of a model that must not load. */
  static TfliteCase refused(String name, Path model, String reason) {
    return new TfliteCase(
        name, model, Signature.DEFAULT_NAME, List.of(), new Expected.RefusedAtLoad(reason));
  }

  /** Copies the file into a version's directory, which is made. */
  public void install(Path versionDirectory) throws IOException {
    Files.createDirectories(versionDirectory);
    Files.copy(model, versionDirectory.resolve("model.tflite"));
  }

  @Override
  public String toString() {
    return name;
  }
}
