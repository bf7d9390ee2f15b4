package io.salver.examples.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxWriterTest {
  private static OnnxWriter writer() {
    return new OnnxWriter("name", 3, "what it is");
  }

  @Test
  void headerSaysVersionsAndProducer() {
    OnnxGraphs.Model model = OnnxGraphs.read(writer().metadata("task", "sum").toByteArray());
    assertThat(model.irVersion()).isEqualTo(8);
    assertThat(model.operatorSet()).isEqualTo(15);
    assertThat(model.producer()).isEqualTo("salver-examples");
    assertThat(model.version()).isEqualTo(3);
    assertThat(model.description()).isEqualTo("what it is");
    assertThat(model.metadata()).containsExactly("task=sum");
  }

  @Test
  void partsKeepTheOrderInWhichTheyWereAdded() {
    byte[] file =
        writer()
            .input("b", "")
            .input("a", "")
            .output("c", "")
            .node("Concat", List.of("b", "a"), "both", Map.of("axis", -1L))
            .node("Relu", List.of("both"), "c")
            .toByteArray();
    OnnxGraphs.Model model = OnnxGraphs.read(file);
    assertThat(model.inputs()).containsExactly("b: type 1 [batch]", "a: type 1 [batch]");
    assertThat(model.outputs()).containsExactly("c: type 1 [batch]");
    assertThat(model.nodes())
        .containsExactly("Concat{axis=-1 type 2}(b, a) -> both", "Relu(both) -> c");
  }

  @Test
  void attributesAreInNameOrderWhateverTheMapsOrderIs() {
    byte[] file =
        writer().node("Gemm", List.of("a"), "b", Map.of("transB", 1L, "transA", 0L)).toByteArray();
    assertThat(OnnxGraphs.read(file).nodes())
        .containsExactly("Gemm{transA=0 type 2}{transB=1 type 2}(a) -> b");
  }

  @Test
  void rowsMayHaveDimensionsAndAttributesMayBeLists() {
    byte[] file =
        writer()
            .input("image", "", 3, 32, 32)
            .output("scores", "", 6)
            .node(
                "MaxPool",
                List.of("image"),
                "scores",
                Map.of("ceil_mode", 0L),
                Map.of("strides", List.of(2L, 3L)))
            .toByteArray();
    OnnxGraphs.Model model = OnnxGraphs.read(file);
    assertThat(model.inputs()).containsExactly("image: type 1 [batch, 3, 32, 32]");
    assertThat(model.outputs()).containsExactly("scores: type 1 [batch, 6]");
    assertThat(model.nodes())
        .containsExactly("MaxPool{ceil_mode=0 type 2}{strides=2 3  type 7}(image) -> scores");
  }

  @Test
  void constantsKeepShapeAndSize() {
    byte[] file =
        writer()
            .floats("scalar", List.of(), 1)
            .floats("matrix", List.of(2, 3), 1, 2, 3, 4, 5, 6)
            .floats("empty", List.of(0, 3))
            .int64s("axes", 1, 2)
            .toByteArray();
    assertThat(OnnxGraphs.read(file).initialisers())
        .containsExactly(
            "scalar: type 1 [] 4 bytes",
            "matrix: type 1 [2, 3] 24 bytes",
            "empty: type 1 [0, 3] 0 bytes",
            "axes: type 7 [2] 16 bytes");
  }

  @Test
  void constantsAreLittleEndianOnEveryMachine() {
    byte[] file = writer().floats("f", List.of(), 0.5f).toByteArray();
    MemorySegment raw = rawData(file);
    ValueLayout.OfFloat layout =
        ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    assertThat(raw.get(layout, 0)).isEqualTo(0.5f);
  }

  @Test
  void wrongNumberOfValuesIsRefused() {
    assertThatThrownBy(() -> writer().floats("m", List.of(2, 3), 1, 2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("m: 3 values (expected: 6 for shape [2, 3])");
  }

  @Test
  void shapeThatOverflowsIsRefused() {
    int huge = 1 << 30;
    assertThatThrownBy(() -> writer().floats("m", List.of(huge, huge, huge)))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void versionZeroIsRefused() {
    assertThatThrownBy(() -> new OnnxWriter("n", 0, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("version: 0 (expected: >= 1)");
  }

  private static MemorySegment rawData(byte[] file) {
    ProtoReader in = new ProtoReader(MemorySegment.ofArray(file));
    for (int field : new int[] {7, 5}) {
      moveTo(in, field);
      in.enter();
    }
    moveTo(in, 9);
    return in.readBytes();
  }

  private static void moveTo(ProtoReader in, int field) {
    while (in.next() && in.field() != field) {
      in.skip();
    }
    assertThat(in.field()).isEqualTo(field);
  }
}
