package io.salver.examples;

import io.salver.examples.onnx.OnnxWriter;
import java.util.List;

/** The smallest model that is worth serving: {@code y = 0.5 x + 2}. */
final class HalfPlusTwo {
  private HalfPlusTwo() {}

  /** The model as an ONNX file. */
  static byte[] toOnnx() {
    return new OnnxWriter("half_plus_two", 1, "y = 0.5 x + 2")
        .input("x", "any number")
        .output("y", "half of x, plus two")
        .floats("half", List.of(), 0.5f)
        .floats("two", List.of(), 2)
        .node("Mul", List.of("x", "half"), "half_x")
        .node("Add", List.of("half_x", "two"), "y")
        .toByteArray();
  }
}
