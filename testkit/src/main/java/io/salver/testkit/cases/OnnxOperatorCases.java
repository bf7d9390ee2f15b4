package io.salver.testkit.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** ONNX's own conformance tests of operators, with golden inputs and outputs. */
final class OnnxOperatorCases {
  private static final double TOLERANCE = 1e-6;

  private OnnxOperatorCases() {}

  static List<OnnxCase> all(Path onnx) {
    Path nodes = onnx.resolve("onnx_backend_node_a");
    List<OnnxCase> cases = new ArrayList<>();
    cases.add(golden(nodes, "test_add", List.of("x", "y"), "sum"));
    cases.add(golden(nodes, "test_matmul_2d", List.of("a", "b"), "c"));
    cases.add(golden(nodes, "test_softmax_example", List.of("x"), "y"));
    cases.add(golden(nodes, "test_regex_full_match_email_domain", List.of("X"), "Y"));
    cases.add(golden(nodes, "test_string_concat", List.of("x", "y"), "result"));
    cases.add(golden(nodes, "test_string_split_basic", List.of("x"), "substrings", "length"));
    cases.add(golden(nodes, "test_tfidfvectorizer_tf_uniandbigrams_skip5", List.of("X"), "Y"));
    cases.add(golden(nodes, "test_ai_onnx_ml_label_encoder_string_int", List.of("X"), "Y"));
    cases.add(golden(nodes, "test_quantizelinear", List.of("x", "y_scale", "y_zero_point"), "y"));
    cases.add(golden(nodes, "test_dequantizelinear", List.of("x", "x_scale", "x_zero_point"), "y"));
    cases.add(
        golden(nodes, "test_loop11", List.of("trip_count", "cond", "y"), "res_y", "res_scan"));
    cases.add(golden(nodes, "test_if", List.of("cond"), "res"));
    cases.add(normalizer(nodes));
    return cases;
  }

  private static OnnxCase golden(Path nodes, String name, List<String> inputs, String... outputs) {
    Path data = nodes.resolve(name).resolve("test_data_set_0");
    return OnnxCase.of(
        name,
        nodes.resolve(name).resolve("model.onnx"),
        Expected.equalTo(TOLERANCE, tensors(data, "output", List.of(outputs))),
        tensors(data, "input", inputs));
  }

  private static TensorData[] tensors(Path data, String role, List<String> names) {
    TensorData[] tensors = new TensorData[names.size()];
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = OnnxTensorFiles.read(names.get(i), data.resolve(role + "_" + i + ".pb"));
    }
    return tensors;
  }

  /** Needs the locale en_US.UTF-8, which not every machine has. */
  private static OnnxCase normalizer(Path nodes) {
    String name = "test_strnormalizer_export_monday_casesensintive_upper";
    OnnxCase plain = golden(nodes, name, List.of("x"), "y");
    Expected.Answer answer = ((Expected.Answered) plain.expected()).answer();
    return OnnxCase.of(
        name,
        plain.model(),
        new Expected.AnsweredOrRefusedAtLoad(answer, "locale"),
        plain.inputs().toArray(TensorData[]::new));
  }
}
