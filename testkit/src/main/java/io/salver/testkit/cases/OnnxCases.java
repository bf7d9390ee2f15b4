package io.salver.testkit.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The ONNX models under {@code shared/testdata/B_onnx}, with inputs, and the answers that its
 * MANIFEST.tsv gives, or those of the operators' definitions.
 *
 * <p>Where the manifest says just that a model loads, the case asks for finite outputs of the
 * declared shapes. Not among the cases: {@code triton_bad_configs_a}, whose models are sound and
 * whose point is a file of another server.
 */
public final class OnnxCases {
  private OnnxCases() {}

  /** All cases; {@code testData} is {@link TestData#directory()}. */
  public static List<OnnxCase> all(Path testData) {
    Path onnx = testData.resolve("B_onnx");
    List<OnnxCase> cases = new ArrayList<>();
    cases.addAll(OnnxOperatorCases.all(onnx));
    cases.addAll(OnnxTypeCases.all(onnx));
    cases.addAll(OnnxSmallCases.all(onnx));
    cases.addAll(OnnxClassifierCases.all(onnx));
    cases.addAll(OnnxNetworkCases.all(onnx, testData.resolve("F_images")));
    cases.addAll(OnnxBrokenCases.all(onnx));
    return List.copyOf(cases);
  }
}
