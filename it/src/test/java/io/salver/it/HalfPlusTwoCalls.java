package io.salver.it;

import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.PredictRequest;
import io.salver.server.tfserving.proto.PredictResponse;
import io.salver.testkit.cases.ArrayTensor;
import java.nio.file.Path;
import java.util.Optional;

/** The example model {@code y = x / 2 + 2}, and calls of it whose answers can be judged. */
final class HalfPlusTwoCalls {
  static final String NAME = "half_plus_two";

  private HalfPlusTwoCalls() {}

  /** Its directory, with the version 1. */
  static Path directory() {
    return SalverProcess.root().resolve("examples/models/half_plus_two");
  }

  static PredictRequest request(float x) {
    return PredictRequest.newBuilder()
        .setModelSpec(ModelSpec.newBuilder().setName(NAME))
        .putInputs("x", ProtoTensors.toProto(ArrayTensor.floats(x)))
        .build();
  }

  static String json(float x) {
    return "{\"instances\": [" + x + "]}";
  }

  /** What is wrong with the answer for {@code x}; empty if nothing is. */
  static Optional<String> problem(float x, PredictResponse answer) {
    ArrayTensor y = ProtoTensors.fromProto(answer.getOutputsOrThrow("y"));
    return ArrayTensor.floats(x / 2 + 2).difference(y, 0);
  }

  /** As {@link #problem(float, PredictResponse)} for an answer by REST. */
  static Optional<String> problem(float x, String answer) {
    String expected = "{\"predictions\":[" + (x / 2 + 2) + "]}";
    return answer.replaceAll("\\s", "").equals(expected)
        ? Optional.empty()
        : Optional.of(answer + " (expected: " + expected + ")");
  }
}
