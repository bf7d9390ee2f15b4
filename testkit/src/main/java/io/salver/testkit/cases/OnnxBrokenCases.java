package io.salver.testkit.cases;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.nio.file.Path;
import java.util.List;

/** Files that are broken, hostile, or ask for what is not there. */
final class OnnxBrokenCases {
  private OnnxBrokenCases() {}

  static List<OnnxCase> all(Path onnx) {
    Path bad = onnx.resolve("ort_bad_models_a");
    Path odd = onnx.resolve("vespa_odd");
    TensorData row = TensorData.random("X1", DType.FLOAT32, Shape.of(2, 3), 17);
    return List.of(
        refused("test_evil_weights", bad, "_ORT_MEM_ADDR_"),
        refused("add_opset_314159", bad, "314159"),
        refused("mul_1.noopset", bad, "Missing opset"),
        refused("custom_mul", bad, "Custom_Mul"),
        refused("merge", bad, "Merge"),
        refused("optional_1", bad, "OptionalOp"),
        refused("gather", odd.resolve("model-integration/src/test/models/onnx/simple"), "Gather"),
        refused(
            "a",
            odd.resolve("config-application-package/src/test/resources/app-with-deployment/models"),
            "0 bytes"),
        OnnxCase.of(
            "invalid_dim_param_value_repetition",
            bad.resolve("invalid_dim_param_value_repetition.onnx"),
            Expected.finite(),
            row,
            row.named("X2")));
  }

  private static OnnxCase refused(String name, Path directory, String reason) {
    return OnnxCase.of(
        "refused_" + name, directory.resolve(name + ".onnx"), new Expected.RefusedAtLoad(reason));
  }
}
