package io.salver.bench;

import io.salver.examples.onnx.OnnxWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Writes an ONNX model whose runs have a large fixed cost: one dense layer, whose weights have to
 * be read from memory for each run, whatever the number of rows.
 */
public final class DenseModel {
  private DenseModel() {}

  /** Takes FILE UNITS; the layer has UNITS x UNITS weights. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      System.err.println("arguments: " + arguments.length + " (expected: FILE UNITS)");
      System.exit(2);
    }
    Path file = Path.of(arguments[0]);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, toOnnx(Integer.parseInt(arguments[1])));
  }

  static byte[] toOnnx(int units) {
    Random random = new Random(1);
    return new OnnxWriter("dense", 1, "a dense layer between a number and a number")
        .input("x", "any number")
        .output("y", "the sum of the layer's units")
        .int64s("last", 1)
        .floats("spread", List.of(1, units), weights(random, units))
        .floats("weights", List.of(units, units), weights(random, units * units))
        .node("Unsqueeze", List.of("x", "last"), "column")
        .node("MatMul", List.of("column", "spread"), "units_in")
        .node("MatMul", List.of("units_in", "weights"), "units_out")
        .floats("gather", List.of(units, 1), weights(random, units))
        .node("MatMul", List.of("units_out", "gather"), "sums")
        .node("Squeeze", List.of("sums", "last"), "y")
        .toByteArray();
  }

  private static float[] weights(Random random, int count) {
    float[] weights = new float[count];
    for (int i = 0; i < count; i++) {
      weights[i] = (random.nextFloat() - 0.5f) / 64;
    }
    return weights;
  }
}
