package io.salver.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.salver.examples.eta.EtaModel;
import io.salver.examples.eta.EtaVersions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes the example models: {@code MakeModels [outputDirectory]}, which is {@code examples/models}
 * if not given. Files of the same names are replaced; they are the same, byte for byte, on every
 * machine.
 */
public final class MakeModels {
  private MakeModels() {}

  /** Makes the models and prints the errors of the ETA model on held-out data. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length > 1) {
      System.err.println(
          "MakeModels: " + arguments.length + " arguments (expected: [outputDirectory])");
      System.exit(2);
    }
    Path directory = Path.of(arguments.length == 1 ? arguments[0] : "examples/models");
    EtaVersions versions = write(directory);
    System.out.println(
        "Wrote the example models to " + directory + ". Errors of food_delivery_eta:");
    System.out.println();
    System.out.print(versions.report());
  }

  /** Writes the models below {@code directory}, which is created if need be. */
  static EtaVersions write(Path directory) throws IOException {
    put(directory.resolve("half_plus_two/1/model.onnx"), HalfPlusTwo.toOnnx());
    EtaVersions versions = EtaVersions.train();
    Path eta = directory.resolve("food_delivery_eta");
    for (EtaModel model : versions.models()) {
      put(eta.resolve(model.version() + "/model.onnx"), model.toOnnx());
    }
    put(eta.resolve("test_vectors.json"), TestVectors.toJson(versions).getBytes(UTF_8));
    return versions;
  }

  private static void put(Path file, byte[] content) throws IOException {
    Path directory = file.getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    Files.write(file, content);
  }
}
