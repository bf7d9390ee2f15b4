package io.salver.it;

import io.salver.tensor.Signature;
import io.salver.testkit.cases.OnnxCase;
import io.salver.testkit.cases.OnnxCases;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** The table of the ONNX engine's cases, as {@link WireCase}s. */
final class OnnxWireCases {
  private OnnxWireCases() {}

  static List<WireCase> all(Path testData) {
    List<OnnxCase> cases = OnnxCases.all(testData);
    return IntStream.range(0, cases.size()).mapToObj(i -> wireCase(i, cases.get(i))).toList();
  }

  /** Numbered, as the names of cases need not be unique. */
  private static WireCase wireCase(int number, OnnxCase onnxCase) {
    return ExpectedWireCases.of(
        "%03d_%s".formatted(number, onnxCase.name()),
        onnxCase::install,
        Signature.DEFAULT_NAME,
        onnxCase.inputs(),
        onnxCase.expected());
  }
}
