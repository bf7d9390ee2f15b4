package io.salver.examples;

import io.salver.examples.onnx.OnnxWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * An ONNX model of known cost, to see what a server does with more load than it carries: {@code y =
 * x} by a chain of matrix products, so that a run takes milliseconds and several rows in one run
 * cost less than one by one.
 */
public final class HeavyModel {
  private HeavyModel() {}

  /** Writes it: takes the directory of a version, and how wide and how long the chain is. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createDirectories(Path.of(arguments[0]));
    int width = Integer.parseInt(arguments[1]);
    int length = Integer.parseInt(arguments[2]);
    Files.write(directory.resolve("model.onnx"), toOnnx(width, length));
  }

  /**
   * The model as an ONNX file.
   *
   * @param width of the square matrix
   * @param length how often a row is multiplied by it
   */
  public static byte[] toOnnx(int width, int length) {
    OnnxWriter writer =
        new OnnxWriter("heavy", 1, "y = x, the long way")
            .input("x", "any number")
            .output("y", "the same")
            .int64s("axis", 1)
            .floats("first", List.of(1, width), filled(width, 1f))
            .floats("weights", List.of(width, width), filled(width * width, 1f / width))
            .floats("last", List.of(width, 1), filled(width, 1f / width))
            .node("Unsqueeze", List.of("x", "axis"), "column")
            .node("MatMul", List.of("column", "first"), "h0");
    for (int i = 0; i < length; i++) {
      writer.node("MatMul", List.of("h" + i, "weights"), "h" + (i + 1));
    }
    return writer
        .node("MatMul", List.of("h" + length, "last"), "mean")
        .node("Squeeze", List.of("mean", "axis"), "y")
        .toByteArray();
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return values;
  }
}
