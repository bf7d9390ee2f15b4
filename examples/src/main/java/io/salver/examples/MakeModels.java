package io.salver.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.salver.examples.dish.Dish;
import io.salver.examples.dish.DishModel;
import io.salver.examples.dish.Picture;
import io.salver.examples.eta.EtaModel;
import io.salver.examples.eta.EtaVersions;
import io.salver.examples.eta.LateModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Makes the example models and images: {@code MakeModels [outputDirectory]}, which is {@code
 * examples} if not given; they go to its {@code models} and {@code images}. Files of the same names
 * are replaced; the models are the same, byte for byte, on every machine.
 */
public final class MakeModels {
  private MakeModels() {}

  /** What was made. */
  record Made(EtaVersions eta, LateModel late, DishModel dish) {

    /** The errors on held-out data. */
    String report() {
      return """
      food_delivery_eta:

      %s
      food_delivery_late:

      %s
      dish:

      %s\
      """
          .formatted(eta.report(), late.report(), dish.report());
    }
  }

  /** Makes them and prints the models' errors on held-out data. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length > 1) {
      System.err.println(
          "MakeModels: " + arguments.length + " arguments (expected: [outputDirectory])");
      System.exit(2);
    }
    Path directory = Path.of(arguments.length == 1 ? arguments[0] : "examples");
    Made made = writeModels(directory.resolve("models"));
    writeImages(directory.resolve("images"));
    System.out.println(
        "Wrote the example models and images to " + directory + ". On held-out data:");
    System.out.println();
    System.out.print(made.report());
  }

  /** Writes the models below {@code directory}, which is created if need be. */
  static Made writeModels(Path directory) throws IOException {
    put(directory.resolve("half_plus_two/1/model.onnx"), HalfPlusTwo.toOnnx());
    EtaVersions versions = EtaVersions.train();
    Path eta = directory.resolve("food_delivery_eta");
    for (EtaModel model : versions.models()) {
      put(eta.resolve(model.version() + "/model.onnx"), model.toOnnx());
    }
    put(eta.resolve("test_vectors.json"), TestVectors.toJson(versions).getBytes(UTF_8));
    LateModel late = LateModel.train();
    put(directory.resolve("food_delivery_late/1/model.json"), late.toXgboostJson().getBytes(UTF_8));
    DishModel dish = DishModel.train();
    put(directory.resolve("dish/1/model.onnx"), dish.toOnnx());
    put(directory.resolve("dish/1/labels.txt"), DishModel.labels().getBytes(UTF_8));
    return new Made(versions, late, dish);
  }

  private static void writeImages(Path directory) throws IOException {
    for (Map.Entry<Dish, Picture> entry : ExampleImages.pictures().entrySet()) {
      put(
          directory.resolve(ExampleImages.fileName(entry.getKey())),
          ExampleImages.toJpeg(entry.getValue()));
    }
  }

  private static void put(Path file, byte[] content) throws IOException {
    Path directory = file.getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    Files.write(file, content);
  }
}
