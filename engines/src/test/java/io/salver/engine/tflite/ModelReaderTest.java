package io.salver.engine.tflite;

import static io.salver.engine.tflite.FlatWriter.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelReaderTest {
  private static ModelOutline read(Models models) {
    return ModelReader.read(MemorySegment.ofArray(models.write()));
  }

  private static void assertRefused(Models models, String message) {
    assertThatThrownBy(() -> read(models))
        .isInstanceOf(BrokenModelException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aModelsTensorsAreRead() {
    ModelOutline outline = read(Models.halfPlusTwo());
    Graph graph = outline.graphs().getFirst();
    assertThat(graph.input(0).name()).isEqualTo("x:0");
    assertThat(graph.input(0).shape()).isEqualTo(Shape.of(1, 1));
    assertThat(graph.input(0).declared()).isEqualTo(Shape.of(-1, 1));
    assertThat(graph.output(0).type()).isEqualTo(TfliteType.FLOAT32);
    assertThat(graph.tensors().get(1).constant()).isTrue();
    assertThat(outline.workingBytes()).isEqualTo(3 * Float.BYTES);
    assertThat(outline.stateful()).isFalse();
    assertThat(outline.idleOperators()).isFalse();
  }

  @Test
  void everyPrefixIsCutShort() {
    byte[] whole = Models.halfPlusTwo().write();
    for (int length = 8; length < whole.length - 16; length++) {
      MemorySegment part = MemorySegment.ofArray(Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ModelReader.read(part))
          .as("%s bytes", length)
          .isInstanceOf(BrokenModelException.class);
    }
  }

  @Test
  void anotherIdentifierIsRefused() {
    byte[] other = FlatWriter.write("TFL2", Models.halfPlusTwo().model);
    assertThatThrownBy(() -> ModelReader.read(MemorySegment.ofArray(other)))
        .hasMessage("file identifier: \"TFL2\" (expected: \"TFL3\" at byte 4)");
  }

  @Test
  void anotherSchemaVersionIsRefused() {
    Models models = Models.halfPlusTwo();
    models.model.put(0, 2);
    assertRefused(models, "schema version: 2 (expected: 3)");
  }

  @Test
  void aModelWithoutSubgraphsIsRefused() {
    Models models = Models.halfPlusTwo();
    models.model.put(2, List.of());
    assertRefused(models, "subgraphs: 0 (expected: 1 to 4096)");
  }

  @Test
  void indicesOutOfRangeAreRefused() {
    Models input = Models.halfPlusTwo();
    input.ends(new int[] {5}, 4);
    assertRefused(input, "input tensor: 5 (expected: 0 to 4)");
    Models output = Models.halfPlusTwo();
    output.ends(new int[] {0}, -1);
    assertRefused(output, "output tensor: -1 (expected: 0 to 4)");
    Models buffer = Models.halfPlusTwo();
    buffer.tensors.get(1).put(2, 9);
    assertRefused(buffer, "buffer of the tensor \"half\": 9 (expected: 0 to 2)");
    Models code = Models.halfPlusTwo();
    code.operators.get(1).put(0, 7);
    assertRefused(code, "subgraph 0, operator 1: operator code 7 of 2");
    Models operand = Models.halfPlusTwo();
    operand.operators.get(0).put(1, new int[] {0, -2});
    assertRefused(operand, "subgraph 0, operator 0: tensor -2 (expected: -1 to 4)");
    Models intermediate = Models.halfPlusTwo();
    intermediate.operators.get(0).put(8, new int[] {5});
    assertRefused(intermediate, "subgraph 0, operator 0: tensor 5 (expected: -1 to 4)");
  }

  @Test
  void tensorsAreWrittenBeforeTheyAreReadAndConstantsNever() {
    Models early = Models.halfPlusTwo();
    early.operators.get(0).put(1, new int[] {4, 1});
    assertRefused(early, "subgraph 0, operator 0: reads tensor 4, which nothing has written");
    Models constant = Models.halfPlusTwo();
    constant.operators.get(0).put(2, new int[] {2});
    assertRefused(constant, "subgraph 0, operator 0: writes tensor 2, a constant");
    Models output = Models.halfPlusTwo();
    output.operators.removeLast();
    assertRefused(output, "the graph's output is tensor 4, which nothing writes");
  }

  @Test
  void shapesThatCannotBeAreRefused() {
    Models negative = Models.halfPlusTwo();
    negative.tensors.get(3).put(0, new int[] {1, -1});
    assertRefused(negative, "dimension 1 of tensor \"product\": -1 (expected: 0 to 2147483647)");
    Models deep = Models.halfPlusTwo();
    deep.tensors.get(3).put(0, new int[] {1, 1, 1, 1, 1, 1, 1, 1, 1});
    assertRefused(deep, "rank of tensor \"product\": 9 (expected: 0 to 8)");
    Models other = Models.halfPlusTwo();
    other.tensors.get(0).put(0, new int[] {1, 1000});
    assertRefused(other, "tensor \"x:0\": shape [1,1000] (expected: one of [-1,1]");
    Models huge = Models.halfPlusTwo();
    int most = Integer.MAX_VALUE;
    huge.tensors.get(3).put(0, new int[] {most, most, most});
    assertRefused(huge, "expected: a product below 2^63");
  }

  @Test
  void quantisationThatCannotBeIsRefused() {
    Models zeroPoint = Models.halfPlusTwo();
    zeroPoint.tensors.get(3).put(1, Models.INT8);
    zeroPoint.tensors.get(3).put(4, table(3, new long[] {128}));
    assertRefused(
        zeroPoint, "zero point of tensor \"product\": 128 (expected: -128 to 127 for INT8)");
    Models scale = Models.halfPlusTwo();
    scale.tensors.get(3).put(4, table(2, new int[] {Float.floatToIntBits(Float.NaN)}));
    assertRefused(scale, "scale of tensor \"product\": NaN (expected: a positive number)");
  }

  @Test
  void constantTextsThatReachBeyondTheirBufferAreRefused() {
    Models models = Models.texts();
    models.tensors.get(0).put(2, models.buffer(Models.ints(3, 20, 20, 20, 1_000_000)));
    assertRefused(models, "tensor \"in\": 20 bytes that are not 3 strings");
  }

  @Test
  void aSubgraphThatRunsItselfIsRefused() {
    Models models = Models.halfPlusTwo();
    int code = models.code(Models.WHILE);
    int out = models.tensor("again", Models.FLOAT32, 0, 1, 1);
    models.operators.add(
        table(0, code, 1, new int[] {4}, 2, new int[] {out}, 3, (byte) 93, 4, table(0, 0, 1, 0)));
    assertRefused(models, "call each other in a circle");
    models.operators.getLast().put(4, table(0, 3, 1, 3));
    assertRefused(models, "runs subgraph 3 of 1");
    models.operators.getLast().put(3, (byte) 92);
    assertRefused(models, "options of another kind than the operator 119 has");
  }

  /** A depthwise convolution: padding, strides of 1 and 1, a multiplier of 1, an activation. */
  private static Map<Integer, Object> depthwise(int... inputs) {
    return table(1, inputs, 2, new int[] {4}, 3, (byte) 2, 4, table(0, (byte) 0, 1, 1, 2, 1, 3, 1));
  }

  @Test
  void optionsOfConvolutionsThatCannotBeAreRefused() {
    Models models = Models.halfPlusTwo();
    int code = models.code(4);
    Map<Integer, Object> operator = depthwise(0, 1, 2);
    operator.put(0, code);
    models.operators.set(1, operator);
    models.operators.remove(0);
    read(models);

    operator.put(4, table(0, (byte) 2, 1, 1, 2, 1, 3, 1));
    assertRefused(models, "padding 2 (expected: 0 or 1)");
    operator.put(4, table(0, (byte) 0, 1, 1, 2, 0, 3, 1));
    assertRefused(models, "option 2: 0 (expected: >= 1)");
    operator.put(4, table(0, (byte) 0, 1, -1, 2, 1, 3, 1));
    assertRefused(models, "option 1: -1 (expected: >= 1)");
    operator.put(4, table(0, (byte) 0, 1, 1, 2, 1, 3, 1, 4, (byte) 6));
    assertRefused(models, "activation 6 (expected: 0 to 5)");
    operator.remove(4);
    assertRefused(models, "options of another kind than the operator 4 has");
    for (int[] inputs : new int[][] {{0, 1}, {0, 1, -1}}) {
      Map<Integer, Object> biased = depthwise(inputs);
      biased.put(0, code);
      models.operators.set(0, biased);
      assertRefused(models, "depthwise convolution without a bias (expected: a third input)");
    }
  }

  @Test
  void signaturesNameTensorsOfTheirSubgraph() {
    Models models = Models.halfPlusTwo();
    Map<Integer, Object> signature =
        table(0, List.of(table(0, "a", 1, 1)), 1, List.of(table(0, "b", 1, 4)), 2, "s");
    models.model.put(7, List.of(signature));
    assertRefused(models, "signature \"s\": input \"a\" is tensor 1");
    signature.put(4, 1);
    assertRefused(models, "subgraph of the signature \"s\": 1 (expected: 0 to 0)");
  }

  @Test
  void aFileThatSharesItsPartsIntoAnEnormousTreeIsRefused() {
    FlatFile file = new FlatFile(MemorySegment.ofArray(Models.halfPlusTwo().write()));
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100; i++) {
                file.charge(1_000_000);
              }
            })
        .isInstanceOf(BrokenModelException.class)
        .hasMessageContaining("parts: more than");
  }

  @Test
  void anOperatorWhoseOutputNothingReadsIsNoticed() {
    Models models = Models.halfPlusTwo();
    models.operator(0, new int[] {4, 1}, models.tensor("idle", Models.FLOAT32, 0, 1, 1));
    assertThat(read(models).idleOperators()).isTrue();
  }
}
