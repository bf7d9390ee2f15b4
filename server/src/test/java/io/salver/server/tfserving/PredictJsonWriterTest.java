package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.ServingException;
import io.salver.server.json.JsonWriter;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PredictJsonWriterTest {
  private final ArenaPool arenas = new ArenaPool(1 << 24);
  private final TensorArena arena = arenas.take();
  private final JsonWriter out = new JsonWriter();

  @AfterEach
  void close() {
    arena.close();
    arenas.close();
  }

  private Tensor floats(Shape shape, float... values) {
    Tensor tensor = arena.allocate(DType.FLOAT32, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.data().set(ValueLayout.JAVA_FLOAT, 4L * i, values[i]);
    }
    return tensor;
  }

  private Tensor strings(Shape shape, String... values) {
    StringTensorBuilder builder = new StringTensorBuilder(arena, 1, 1);
    for (String value : values) {
      builder.add(value.getBytes(StandardCharsets.UTF_8));
    }
    return builder.build(shape);
  }

  private PredictRequest answered(boolean[] wanted, String[] names, Tensor... outputs) {
    TensorSpec[] specs = new TensorSpec[names.length];
    for (int i = 0; i < specs.length; i++) {
      specs[i] = TensorSpec.of(names[i], outputs[i].dtype(), Shape.UNKNOWN_RANK);
    }
    Signature signature =
        new Signature(Signature.DEFAULT_NAME, "", List.of(), Arrays.asList(specs));
    PredictRequest request =
        new PredictRequest(
            new NoLease(), signature, new Tensor[0], wanted, arena, 0, Long.MAX_VALUE);
    Batch run = new Batch(signature, new Tensor[0], wanted, arena, Long.MAX_VALUE);
    for (int i = 0; i < outputs.length; i++) {
      run.setOutput(i, outputs[i]);
    }
    request.setOutputs(run);
    return request;
  }

  private String write(boolean rowFormat, PredictRequest answered) {
    PredictJsonWriter.write(answered, rowFormat, out.clear());
    return new String(out.array(), 0, out.size(), StandardCharsets.UTF_8);
  }

  @Test
  void aSingleOutputHasNoName() {
    PredictRequest answered =
        answered(all(1), new String[] {"y"}, floats(Shape.of(2, 2), 2.5f, 3, 3.5f, 9e6f));
    assertThat(write(true, answered)).isEqualTo("{\"predictions\": [[2.5,3.0],[3.5,9e+06]]}");
    assertThat(write(false, answered)).isEqualTo("{\"outputs\": [[2.5,3.0],[3.5,9e+06]]}");
  }

  @Test
  void rowsOfScalarsAreAPlainList() {
    PredictRequest answered =
        answered(all(1), new String[] {"y"}, floats(Shape.of(3), Float.NaN, 1, -1f / 0));
    assertThat(write(true, answered)).isEqualTo("{\"predictions\": [NaN,1.0,-Infinity]}");
  }

  @Test
  void severalOutputsAreObjects() {
    PredictRequest answered =
        answered(
            all(3),
            new String[] {"a", "s", "s_bytes"},
            floats(Shape.of(2, 1, 1), 1, 2),
            strings(Shape.of(2), "x", "\""),
            strings(Shape.of(2, 1), "hello", "tf"));
    assertThat(write(true, answered))
        .isEqualTo(
            "{\"predictions\": [{\"a\": [[1.0]],\"s\": \"x\",\"s_bytes\": [{\"b64\":"
                + " \"aGVsbG8=\"}]},{\"a\": [[2.0]],\"s\": \"\\\"\",\"s_bytes\": [{\"b64\":"
                + " \"dGY=\"}]}]}");
    assertThat(write(false, answered))
        .isEqualTo(
            "{\"outputs\": {\"a\": [[[1.0]],[[2.0]]],\"s\": [\"x\",\"\\\"\"],\"s_bytes\":"
                + " [[{\"b64\": \"aGVsbG8=\"}],[{\"b64\": \"dGY=\"}]]}}");
  }

  @Test
  void onlyWantedOutputsAreWritten() {
    PredictRequest answered =
        answered(
            new boolean[] {false, true},
            new String[] {"a", "b"},
            floats(Shape.SCALAR, 1),
            floats(Shape.of(1), 2));
    assertThat(write(true, answered)).isEqualTo("{\"predictions\": [2.0]}");
  }

  @Test
  void everyTypeIsWritten() {
    assertThat(columnOf(DType.BOOL, 0x01)).isEqualTo("true");
    assertThat(columnOf(DType.INT8, 0xFF)).isEqualTo("-1");
    assertThat(columnOf(DType.UINT8, 0xFF)).isEqualTo("255");
    assertThat(columnOf(DType.INT16, 0xFFFF)).isEqualTo("-1");
    assertThat(columnOf(DType.UINT16, 0xFFFF)).isEqualTo("65535");
    assertThat(columnOf(DType.INT32, -2)).isEqualTo("-2");
    assertThat(columnOf(DType.UINT32, -2)).isEqualTo("4294967294");
    assertThat(columnOf(DType.INT64, Long.MIN_VALUE)).isEqualTo("-9223372036854775808");
    assertThat(columnOf(DType.UINT64, -1)).isEqualTo("18446744073709551615");
    assertThat(columnOf(DType.FLOAT16, 0x3E00)).isEqualTo("1.5");
    assertThat(columnOf(DType.BFLOAT16, 0x3FC0)).isEqualTo("1.5");
    assertThat(columnOf(DType.FLOAT64, Double.doubleToLongBits(0.1))).isEqualTo("0.1");
  }

  private String columnOf(DType dtype, long bits) {
    Tensor tensor = arena.allocate(dtype, Shape.SCALAR);
    for (int i = 0; i < dtype.sizeBytes(); i++) {
      tensor.data().set(ValueLayout.JAVA_BYTE, i, (byte) (bits >>> (8 * i)));
    }
    String json = write(false, answered(all(1), new String[] {"y"}, tensor));
    return json.substring("{\"outputs\": ".length(), json.length() - 1);
  }

  @Test
  void emptyDimensionsAreEmptyLists() {
    PredictRequest answered = answered(all(1), new String[] {"y"}, floats(Shape.of(2, 0)));
    assertThat(write(true, answered)).isEqualTo("{\"predictions\": [[],[]]}");
    PredictRequest none = answered(all(1), new String[] {"y"}, floats(Shape.of(0, 2)));
    assertThat(write(true, none)).isEqualTo("{\"predictions\": []}");
    assertThat(write(false, none)).isEqualTo("{\"outputs\": []}");
  }

  @Test
  void rowsNeedTheSameDimensionZeroOfAll() {
    assertRefused(
        answered(all(1), new String[] {"y"}, floats(Shape.SCALAR, 1)),
        "Tensor name: y has no shape information ");
    assertRefused(
        answered(
            all(2), new String[] {"y", "z"}, floats(Shape.of(1), 1), floats(Shape.of(2), 1, 2)),
        "Tensor name: z has inconsistent batch size: 2 expecting: 1");
  }

  @Test
  void complexNumbersAndNothingCannotBeWritten() {
    assertRefused(
        answered(all(1), new String[] {"y"}, arena.allocate(DType.COMPLEX64, Shape.of(1))),
        "Failed to write JSON value for tensor type: complex64");
    assertRefused(
        answered(new boolean[] {false}, new String[] {"y"}, floats(Shape.of(1), 1)),
        "Cannot convert empty tensor map to JSON");
  }

  private void assertRefused(PredictRequest answered, String message) {
    assertThatThrownBy(() -> write(true, answered))
        .isInstanceOf(ServingException.class)
        .hasMessage(message);
  }

  private static boolean[] all(int count) {
    boolean[] wanted = new boolean[count];
    Arrays.fill(wanted, true);
    return wanted;
  }

  /** A lease that nothing is asked of. */
  private static final class NoLease implements ModelLease {
    @Override
    public ModelVersion version() {
      throw new AssertionError("not asked for");
    }

    @Override
    public LoadedModel model() {
      throw new AssertionError("not asked for");
    }

    @Override
    public Predictor predictor() {
      throw new AssertionError("not asked for");
    }

    @Override
    public void close() {}
  }
}
