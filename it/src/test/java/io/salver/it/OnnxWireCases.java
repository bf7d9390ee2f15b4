package io.salver.it;

import io.salver.testkit.cases.ArrayTensor;
import io.salver.testkit.cases.Expected;
import io.salver.testkit.cases.OnnxCase;
import io.salver.testkit.cases.OnnxCases;
import io.salver.testkit.cases.TensorData;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The table of the ONNX engine's cases, as {@link WireCase}s. */
final class OnnxWireCases {
  private static final String SIGNATURE = "serving_default";

  private OnnxWireCases() {}

  static List<WireCase> all(Path testData) {
    List<OnnxCase> cases = OnnxCases.all(testData);
    return IntStream.range(0, cases.size()).mapToObj(i -> wireCase(i, cases.get(i))).toList();
  }

  /** Numbered, as the names of cases need not be unique. */
  private static WireCase wireCase(int number, OnnxCase onnxCase) {
    return new WireCase(
        "%03d_%s".formatted(number, onnxCase.name()),
        onnxCase::install,
        switch (onnxCase.expected()) {
          case Expected.Answered(Expected.Answer answer) -> answered(onnxCase, answer);
          case Expected.AnsweredOrRefusedAtLoad(Expected.Answer answer, String reason) ->
              new WireCase.Outcome.Either(
                  answered(onnxCase, answer), new WireCase.Outcome.NotServed(reason));
          case Expected.RefusedAtLoad(String reason) -> new WireCase.Outcome.NotServed(reason);
          case Expected.RefusedAtRun(String reason) ->
              served(onnxCase, new WireCase.Expectation.Refusal(Optional.empty(), reason));
        });
  }

  private static WireCase.Outcome.Served answered(OnnxCase onnxCase, Expected.Answer answer) {
    return served(
        onnxCase,
        new WireCase.Expectation.Answer(
            outputs -> answer.problem(named(outputs)), "as the case's rule says"));
  }

  private static WireCase.Outcome.Served served(
      OnnxCase onnxCase, WireCase.Expectation expectation) {
    Map<String, ArrayTensor> inputs = new LinkedHashMap<>();
    onnxCase.inputs().forEach(input -> inputs.put(input.name(), array(input)));
    return new WireCase.Outcome.Served(List.of(new WireCase.Call(SIGNATURE, inputs, expectation)));
  }

  private static ArrayTensor array(TensorData data) {
    return data.elements() instanceof byte[] bytes
        ? new ArrayTensor(data.dtype(), data.shape(), ProtoTensors.fromBytes(data.dtype(), bytes))
        : new ArrayTensor(data.dtype(), data.shape(), data.elements());
  }

  private static Map<String, TensorData> named(Map<String, ArrayTensor> outputs) {
    Map<String, TensorData> named = new LinkedHashMap<>();
    outputs.forEach((name, tensor) -> named.put(name, data(name, tensor)));
    return named;
  }

  private static TensorData data(String name, ArrayTensor tensor) {
    Object elements =
        tensor.elements() instanceof byte[][]
            ? tensor.elements()
            : ProtoTensors.bytesOf(tensor.elements());
    return new TensorData(name, tensor.dtype(), tensor.shape(), elements);
  }
}
