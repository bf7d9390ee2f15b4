package io.salver.it;

import io.salver.testkit.cases.ArrayTensor;
import io.salver.testkit.cases.Expected;
import io.salver.testkit.cases.TensorData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Cases that say what is {@link Expected}, as {@link WireCase}s. */
final class ExpectedWireCases {
  private ExpectedWireCases() {}

  /**
   * A case.
   *
   * @param inputs of {@code signature}; empty if the model is expected to be refused
   */
  static WireCase of(
      String name,
      WireCase.Files files,
      String signature,
      List<TensorData> inputs,
      Expected expected) {
    Map<String, ArrayTensor> arrays = new LinkedHashMap<>();
    inputs.forEach(input -> arrays.put(input.name(), array(input)));
    return new WireCase(
        name,
        files,
        switch (expected) {
          case Expected.Answered(Expected.Answer answer) -> answered(signature, arrays, answer);
          case Expected.AnsweredOrRefusedAtLoad(Expected.Answer answer, String reason) ->
              new WireCase.Outcome.Either(
                  answered(signature, arrays, answer), new WireCase.Outcome.NotServed(reason));
          case Expected.RefusedAtLoad(String reason) -> new WireCase.Outcome.NotServed(reason);
          case Expected.RefusedAtRun(String reason) ->
              served(signature, arrays, new WireCase.Expectation.Refusal(Optional.empty(), reason));
        });
  }

  private static WireCase.Outcome.Served answered(
      String signature, Map<String, ArrayTensor> inputs, Expected.Answer answer) {
    return served(
        signature,
        inputs,
        new WireCase.Expectation.Answer(
            outputs -> answer.problem(named(outputs)), "as the case's rule says"));
  }

  private static WireCase.Outcome.Served served(
      String signature, Map<String, ArrayTensor> inputs, WireCase.Expectation expectation) {
    return new WireCase.Outcome.Served(List.of(new WireCase.Call(signature, inputs, expectation)));
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
