package io.salver.testkit.cases;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Small models with answers that can be worked out by hand. */
final class OnnxSmallCases {
  private static final long SEED = 7;

  private OnnxSmallCases() {}

  static List<OnnxCase> all(Path onnx) {
    List<OnnxCase> cases = new ArrayList<>(vespa(onnx.resolve("vespa_simple")));
    cases.addAll(odd(onnx.resolve("vespa_odd")));
    cases.addAll(misc(onnx.resolve("ort_models_misc")));
    cases.addAll(controlFlow(onnx.resolve("ort_models_misc")));
    cases.addAll(triton(onnx.resolve("triton_model_repository")));
    cases.add(external(onnx.resolve("vespa_external_data")));
    return cases;
  }

  private static TensorData floats(String name, long[] shape, double... values) {
    return TensorData.numbers(name, DType.FLOAT32, Shape.of(shape), values);
  }

  private static long[] dims(long... dims) {
    return dims;
  }

  private static List<OnnxCase> vespa(Path models) {
    double[] q = {.1, .2, .3, .4};
    return List.of(
        OnnxCase.of(
            "simple",
            models.resolve("simple/simple.onnx"),
            Expected.equalTo(1e-6, floats("output", dims(1, 1), 1.3)),
            floats("query_tensor", dims(1, 4), q),
            floats("attribute_tensor", dims(4, 1), q),
            floats("bias_tensor", dims(1, 1), 1)),
        OnnxCase.of(
            "matmul",
            models.resolve("simple/matmul.onnx"),
            Expected.equalTo(floats("output", dims(2, 4), 38, 44, 50, 56, 83, 98, 113, 128)),
            floats("input1", dims(2, 3), 1, 2, 3, 4, 5, 6),
            floats("input2", dims(3, 4), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)),
        OnnxCase.of(
            "concat",
            models.resolve("simple/concat.onnx"),
            Expected.equalTo(floats("y", dims(3), 1, 2, 3)),
            floats("i", dims(1), 1),
            floats("j", dims(1), 2),
            floats("k", dims(1), 3)),
        OnnxCase.of(
            "one_layer",
            models.resolve("pytorch/one_layer.onnx"),
            Expected.equalTo(1e-6, floats("output", dims(2, 1), 0.6393113, 0.67574286)),
            floats("input", dims(2, 3), .1, .2, .3, .4, .5, .6)),
        OnnxCase.of(
            "badnames",
            models.resolve("badnames.onnx"),
            Expected.shaped("path/to/output:0", 2)
                .and(Expected.shaped("path/to/output:1", 2))
                .and(Expected.shaped("path/to/output:2", 2))
                .and(Expected.finite()),
            floats("first_input", dims(2), 1, 2),
            floats("second/input:0", dims(2), 3, 4),
            floats("third_input", dims(2), 5, 6)));
  }

  private static List<OnnxCase> odd(Path odd) {
    Path features = odd.resolve("searchlib/src/tests/features/onnx_feature");
    TensorData in8 = TensorData.numbers("in8", DType.INT8, Shape.of(3), 1, -2, 3);
    TensorData in16 = TensorData.numbers("in16", DType.BFLOAT16, Shape.of(3), 1.5, -2, 3);
    return List.of(
        OnnxCase.of(
            "fragile",
            features.resolve("fragile.onnx"),
            Expected.equalTo(floats("out", dims(2), 4, 6)),
            floats("in1", dims(2), 1, 2),
            floats("in2", dims(2), 3, 4)),
        OnnxCase.of(
            "fragile_with_lengths_that_do_not_match",
            features.resolve("fragile.onnx"),
            new Expected.RefusedAtRun("3"),
            floats("in1", dims(2), 1, 2),
            floats("in2", dims(3), 3, 4, 5)),
        OnnxCase.of(
            "strange_names",
            features.resolve("strange_names.onnx"),
            Expected.equalTo(floats("foo/bar", dims(2), 4, 6), floats("-baz:0", dims(2), -2, -2)),
            floats("input:0", dims(2), 1, 2),
            floats("input/1", dims(2), 3, 4)),
        OnnxCase.of(
            "unstable_types",
            odd.resolve("eval/src/tests/tensor/onnx_wrapper/unstable_types.onnx"),
            Expected.shaped("out8", 3).and(Expected.shaped("out16", 3)),
            in8,
            in16));
  }

  private static List<OnnxCase> misc(Path models) {
    TensorData x = floats("X", dims(3, 2), 1, 2, 3, 4, 5, 6);
    TensorData squares = floats("Y", dims(3, 2), 1, 4, 9, 16, 25, 36);
    return List.of(
        OnnxCase.of("mul_1", models.resolve("mul_1.onnx"), Expected.equalTo(squares), x),
        OnnxCase.of(
            "mul_1_with_a_wrong_shape",
            models.resolve("mul_1.onnx"),
            new Expected.RefusedAtRun("[2,2]"),
            floats("X", dims(2, 2), 1, 2, 3, 4)),
        OnnxCase.of(
            "mul_1_with_a_wrong_rank",
            models.resolve("mul_1.onnx"),
            new Expected.RefusedAtRun("[6]"),
            floats("X", dims(6), 1, 2, 3, 4, 5, 6)),
        OnnxCase.of(
            "mul_1_dynamic", models.resolve("mul_1_dynamic.onnx"), Expected.equalTo(squares), x),
        OnnxCase.of(
            "matmul_1",
            models.resolve("matmul_1.onnx"),
            Expected.shaped("Y", 3, 1).and(Expected.finite()),
            x),
        OnnxCase.of(
            "matmul_2",
            models.resolve("matmul_2.onnx"),
            Expected.shaped("Y", 3, 1).and(Expected.finite()),
            x),
        OnnxCase.of(
            "abs_free_dimensions",
            models.resolve("abs_free_dimensions.onnx"),
            Expected.equalTo(floats("y", dims(2, 1, 5), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)),
            floats("x", dims(2, 1, 5), -1, 2, -3, 4, -5, 6, -7, 8, -9, 10)),
        OnnxCase.of(
            "capi_symbolic_dims",
            models.resolve("capi_symbolic_dims.onnx"),
            Expected.equalTo(floats("C", dims(4), 1, 2, 3, 4)),
            floats("A", dims(2, 2), 1, 2, 3, 4),
            TensorData.longs("B", Shape.of(1), 4)),
        OnnxCase.of(
            "capi_symbolic_dims_with_a_shape_of_another_size",
            models.resolve("capi_symbolic_dims.onnx"),
            new Expected.RefusedAtRun("Reshape"),
            floats("A", dims(2, 2), 1, 2, 3, 4),
            TensorData.longs("B", Shape.of(1), 5)),
        OnnxCase.of(
            "model_with_metadata",
            models.resolve("model_with_metadata.onnx"),
            Expected.shaped("Y", 1, 3).and(Expected.finite()),
            floats("X", dims(1, 3), 1, 2, 3)));
  }

  private static List<OnnxCase> controlFlow(Path models) {
    TensorData label = TensorData.numbers("Label", DType.BOOL, Shape.of(1, 1), 1);
    TensorData text = TensorData.strings("F2", Shape.of(1, 1), "text");
    TensorData first = TensorData.longs("tensor1", Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    TensorData second = TensorData.longs("tensor2", Shape.of(2, 3), 7, 8, 9, 10, 11, 12);
    return List.of(
        OnnxCase.of(
            "overridable_initializer",
            models.resolve("overridable_initializer.onnx"),
            Expected.equalTo(label.named("Label0"), text.named("F20"))
                .and(Expected.shaped("F11", 1, 1)),
            label,
            text),
        OnnxCase.of(
            "sequence_construct",
            models.resolve("sequence_construct.onnx"),
            Expected.equalTo(
                TensorData.longs(
                    "output_sequence",
                    Shape.of(2, 2, 3),
                    IntStream.rangeClosed(1, 12).asLongStream().toArray())),
            first,
            second),
        OnnxCase.of(
            "scan_1",
            models.resolve("scan_1.onnx"),
            Expected.shaped("PastValue16544_Output_0", 1, 2)
                .and(Expected.shaped("ElementTimes16679_Output_0", 4, 1, 2))
                .and(Expected.finite()),
            TensorData.random("Input13165", DType.FLOAT32, Shape.of(4, 1, 3), SEED)),
        OnnxCase.of(
            "three_layer_nested_subgraph",
            models.resolve("three_layer_nested_subgraph.onnx"),
            Expected.shaped("if_cond_output", 1).and(Expected.finite()),
            TensorData.numbers("if_cond_input", DType.BOOL, Shape.of(1), 1)),
        OnnxCase.of(
            "topk_and_multiple_graph_outputs",
            models.resolve("topk_and_multiple_graph_outputs.onnx"),
            Expected.finite(),
            TensorData.random("input", DType.FLOAT32, Shape.of(400), SEED)),
        OnnxCase.of(
            "30_nested_loops",
            models.resolve("30_nested_loops.onnx"),
            new Expected.RefusedAtLoad("nested 30 deep")));
  }

  private static List<OnnxCase> triton(Path models) {
    double[] numbers = IntStream.range(0, 16).asDoubleStream().toArray();
    String[] texts = IntStream.range(0, 16).mapToObj(String::valueOf).toArray(String[]::new);
    String[] sums = IntStream.rangeClosed(1, 16).mapToObj(String::valueOf).toArray(String[]::new);
    String[] ones = IntStream.range(0, 16).mapToObj(i -> "1").toArray(String[]::new);
    Shape row = Shape.of(1, 16);
    return List.of(
        addSub(models, "simple", DType.INT32, DType.INT32, numbers),
        addSub(models, "simple_int8", DType.INT8, DType.INT8, numbers),
        OnnxCase.of(
            "simple_string",
            models.resolve("simple_string/1/model.onnx"),
            Expected.equalTo(TensorData.strings("OUTPUT0", row, sums)),
            TensorData.strings("INPUT0", row, texts),
            TensorData.strings("INPUT1", row, ones)),
        OnnxCase.of(
            "simple_string_with_what_is_no_number",
            models.resolve("simple_string/1/model.onnx"),
            new Expected.RefusedAtRun("Cast"),
            TensorData.strings("INPUT0", Shape.of(1, 16), ones).named("INPUT0"),
            TensorData.strings("INPUT1", row, letters())),
        OnnxCase.of(
            "simple_sequence",
            models.resolve("simple_sequence/1/model.onnx"),
            Expected.shaped("OUTPUT", 1, 1),
            int32("INPUT", 5),
            int32("START", 1),
            int32("READY", 1)),
        OnnxCase.of(
            "simple_dyna_sequence",
            models.resolve("simple_dyna_sequence/1/model.onnx"),
            Expected.shaped("OUTPUT", 1, 1),
            int32("INPUT", 5),
            int32("START", 1),
            int32("END", 0),
            int32("READY", 1),
            TensorData.numbers("CORRID", DType.UINT64, Shape.of(1, 1), 42)));
  }

  private static String[] letters() {
    return IntStream.range(0, 16).mapToObj(i -> "x").toArray(String[]::new);
  }

  private static TensorData int32(String name, int value) {
    return TensorData.numbers(name, DType.INT32, Shape.of(1, 1), value);
  }

  private static OnnxCase addSub(Path models, String name, DType in, DType out, double[] numbers) {
    Shape row = Shape.of(1, 16);
    double[] ones = IntStream.range(0, 16).mapToDouble(i -> 1).toArray();
    double[] sums = IntStream.rangeClosed(1, 16).asDoubleStream().toArray();
    double[] differences = IntStream.range(-1, 15).asDoubleStream().toArray();
    return OnnxCase.of(
        name,
        models.resolve(name + "/1/model.onnx"),
        Expected.equalTo(
            TensorData.numbers("OUTPUT0", out, row, sums),
            TensorData.numbers("OUTPUT1", out, row, differences)),
        TensorData.numbers("INPUT0", in, row, numbers),
        TensorData.numbers("INPUT1", in, row, ones));
  }

  private static OnnxCase external(Path models) {
    return OnnxCase.of(
            "add_with_external_data",
            models.resolve("add_with_external_data.onnx"),
            Expected.equalTo(floats("output", dims(1), 8)),
            floats("input1", dims(1), 1),
            floats("input2", dims(1), 2))
        .beside(models.resolve("external_data.bin"));
  }
}
