package io.salver.testkit.cases;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One model for each type of elements. */
final class OnnxTypeCases {
  private static final Shape ONE = Shape.of(1);

  private OnnxTypeCases() {}

  static List<OnnxCase> all(Path onnx) {
    List<OnnxCase> cases = new ArrayList<>(identities(onnx.resolve("ort_test_types")));
    cases.addAll(vespa(onnx.resolve("vespa_dtypes")));
    return cases;
  }

  private static List<OnnxCase> identities(Path models) {
    Shape five = Shape.of(1, 5);
    return List.of(
        identity(models, "bool", DType.BOOL, five, 1, 0, 1, 1, 0),
        identity(models, "double", DType.FLOAT64, five, 1.1, -2.2, 1e300, 5e-324, 0),
        identity(models, "float", DType.FLOAT32, five, 1.5, -2.25, 3e38, 1e-45, -0.0),
        identity(models, "float16", DType.FLOAT16, Shape.of(1, 1, 1, 1), -1.5),
        identity(models, "int8", DType.INT8, five, 1, -2, 127, -128, 0),
        identity(models, "int16", DType.INT16, five, 1, -2, 32767, -32768, 0),
        identity(models, "int32", DType.INT32, five, 1, -2, 2147483647, -2147483648, 0),
        identity(models, "int64", DType.INT64, five, 1, -2, 0x1p62, -0x1p63, 0),
        identity(models, "uint8", DType.UINT8, five, 1, 2, 255, 128, 0),
        identity(models, "uint16", DType.UINT16, five, 1, 2, 65535, 32768, 0),
        identity(models, "uint32", DType.UINT32, five, 1, 2, 4294967295.0, 2147483648.0, 0),
        identity(models, "uint64", DType.UINT64, five, 1, 2, 0x1p62, 3, 0),
        stringIdentity(models));
  }

  private static OnnxCase identity(
      Path models, String type, DType dtype, Shape shape, double... values) {
    TensorData input = TensorData.numbers("input", dtype, shape, values);
    return OnnxCase.of(
        "identity_" + type,
        models.resolve("test_types_" + type + ".onnx"),
        Expected.equalTo(input.named("output")),
        input);
  }

  private static OnnxCase stringIdentity(Path models) {
    TensorData input =
        TensorData.strings("input", Shape.of(1, 5), "", "a", "h\u00e9llo", "\u732b", "a\u0000b");
    return OnnxCase.of(
        "identity_string",
        models.resolve("test_types_string.onnx"),
        Expected.equalTo(input.named("output")),
        input);
  }

  private static List<OnnxCase> vespa(Path models) {
    return List.of(
        sum(models, "add_double", DType.FLOAT64),
        sum(models, "add_float", DType.FLOAT32),
        sum(models, "add_float16", DType.FLOAT16),
        sum(models, "add_int64", DType.INT64),
        unary(models, "cast_bfloat16_float", DType.BFLOAT16, 1.5, DType.FLOAT32, 1.5),
        unary(models, "cast_float_int8", DType.FLOAT32, -5.75, DType.INT8, -5),
        unary(models, "cast_int8_float", DType.INT8, -5, DType.FLOAT32, -5),
        unary(models, "sign_bfloat16", DType.BFLOAT16, -2.5, DType.BFLOAT16, -1));
  }

  private static OnnxCase sum(Path models, String name, DType dtype) {
    return OnnxCase.of(
        name,
        models.resolve(name + ".onnx"),
        Expected.equalTo(number("output", dtype, 5)),
        number("input1", dtype, 2),
        number("input2", dtype, 3));
  }

  private static OnnxCase unary(
      Path models, String name, DType from, double value, DType to, double result) {
    return OnnxCase.of(
        name.toLowerCase(Locale.ROOT),
        models.resolve(name + ".onnx"),
        Expected.equalTo(number("output", to, result)),
        number("input1", from, value));
  }

  private static TensorData number(String name, DType dtype, double value) {
    return TensorData.numbers(name, dtype, ONE, value);
  }
}
