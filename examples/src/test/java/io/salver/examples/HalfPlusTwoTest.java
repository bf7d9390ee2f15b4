package io.salver.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.examples.onnx.OnnxGraphs;
import org.junit.jupiter.api.Test;

class HalfPlusTwoTest {
  @Test
  void graphMultipliesAndAdds() {
    OnnxGraphs.Model model = OnnxGraphs.read(HalfPlusTwo.toOnnx());
    assertThat(model.inputs()).containsExactly("x: type 1 [batch]");
    assertThat(model.outputs()).containsExactly("y: type 1 [batch]");
    assertThat(model.nodes()).containsExactly("Mul(x, half) -> half_x", "Add(half_x, two) -> y");
    assertThat(model.initialisers())
        .containsExactly("half: type 1 [] 4 bytes", "two: type 1 [] 4 bytes");
  }
}
