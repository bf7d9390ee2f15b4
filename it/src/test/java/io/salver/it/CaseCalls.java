package io.salver.it;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.grpc.StatusRuntimeException;
import io.salver.it.WireCase.Call;
import io.salver.it.WireCase.Expectation.Answer;
import io.salver.it.WireCase.Expectation.Refusal;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.PredictRequest;
import io.salver.server.tfserving.proto.PredictResponse;
import io.salver.tensor.DType;
import io.salver.testkit.cases.ArrayTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes a case's call by either protocol, and judges what came of it. */
final class CaseCalls {
  private static final double EXACT = 0;

  private CaseCalls() {}

  static CaseAnswer byGrpc(GrpcClient client, String model, Call call) {
    PredictRequest.Builder request =
        PredictRequest.newBuilder()
            .setModelSpec(ModelSpec.newBuilder().setName(model).setSignatureName(call.signature()));
    call.inputs().forEach((name, tensor) -> request.putInputs(name, ProtoTensors.toProto(tensor)));
    try {
      PredictResponse response = client.call(GrpcClient.PREDICT, request.build());
      Map<String, ArrayTensor> outputs = new TreeMap<>();
      response
          .getOutputsMap()
          .forEach((name, tensor) -> outputs.put(name, ProtoTensors.fromProto(tensor)));
      return new CaseAnswer.Outputs(outputs);
    } catch (StatusRuntimeException e) {
      return new CaseAnswer.Refusal(
          e.getStatus().getCode().name(), Objects.toString(e.getStatus().getDescription(), ""));
    }
  }

  /** JSON does not say types and shapes, so they are taken from the answer by gRPC. */
  static CaseAnswer byRest(RestClient client, String model, Call call, CaseAnswer byGrpc)
      throws Exception {
    RestClient.Answer answer = client.post("/v1/models/" + model + ":predict", body(call));
    if (answer.status() != 200) {
      return hasComplex(call, byGrpc)
          ? new CaseAnswer.NoForm(answer.error())
          : new CaseAnswer.Refusal(codeOf(answer.status()), answer.error());
    }
    if (!(byGrpc instanceof CaseAnswer.Outputs(Map<String, ArrayTensor> typed))) {
      return new CaseAnswer.Refusal("OK", answer.body());
    }
    JsonElement outputs = answer.json().getAsJsonObject().get("outputs");
    Map<String, ArrayTensor> tensors = new TreeMap<>();
    typed.forEach((name, tensor) -> tensors.put(name, read(outputs, typed.size(), name, tensor)));
    return new CaseAnswer.Outputs(tensors);
  }

  private static String body(Call call) {
    String inputs =
        call.inputs().entrySet().stream()
            .map(e -> new JsonPrimitive(e.getKey()) + ": " + JsonTensors.toJson(e.getValue()))
            .collect(Collectors.joining(", "));
    return "{\"signature_name\": "
        + new JsonPrimitive(call.signature())
        + ", \"inputs\": {"
        + inputs
        + "}}";
  }

  private static ArrayTensor read(JsonElement outputs, int count, String name, ArrayTensor like) {
    JsonElement output = count == 1 ? outputs : outputs.getAsJsonObject().get(name);
    return JsonTensors.fromJson(output, like.dtype(), like.shape());
  }

  private static boolean hasComplex(Call call, CaseAnswer byGrpc) {
    Stream<ArrayTensor> outputs =
        byGrpc instanceof CaseAnswer.Outputs(Map<String, ArrayTensor> tensors)
            ? tensors.values().stream()
            : Stream.of();
    return Stream.concat(call.inputs().values().stream(), outputs)
        .anyMatch(t -> t.dtype() == DType.COMPLEX64 || t.dtype() == DType.COMPLEX128);
  }

  private static String codeOf(int status) {
    return switch (status) {
      case 400 -> "INVALID_ARGUMENT";
      case 404 -> "NOT_FOUND";
      case 429 -> "RESOURCE_EXHAUSTED";
      case 501 -> "UNIMPLEMENTED";
      case 503 -> "UNAVAILABLE";
      default -> "HTTP " + status;
    };
  }

  /** What is wrong with the two answers; empty if nothing is. */
  static List<String> problems(Call call, CaseAnswer byRest, CaseAnswer byGrpc) {
    return switch (call.expectation()) {
      case Answer answer -> answerProblems(answer, byRest, byGrpc);
      case Refusal refusal ->
          Stream.of(byRest, byGrpc)
              .filter(answer -> !isAs(refusal, answer))
              .map(answer -> answer + " (expected: " + refusal + ")")
              .toList();
    };
  }

  private static boolean isAs(Refusal expected, CaseAnswer answer) {
    return answer instanceof CaseAnswer.Refusal(String code, String message)
        && expected.category().map(c -> code.equals(c.name())).orElse(true)
        && message.contains(expected.reason());
  }

  private static List<String> answerProblems(
      Answer expected, CaseAnswer byRest, CaseAnswer byGrpc) {
    if (!(byGrpc instanceof CaseAnswer.Outputs(Map<String, ArrayTensor> grpc))) {
      return List.of("gRPC " + byGrpc + " (expected: " + expected + ")");
    }
    List<String> problems = new ArrayList<>();
    expected.problem().apply(grpc).ifPresent(problem -> problems.add("gRPC: " + problem));
    switch (byRest) {
      case CaseAnswer.Outputs(Map<String, ArrayTensor> rest) ->
          grpc.forEach((name, tensor) ->
              tensor
                  .difference(Objects.requireNonNull(rest.get(name)), EXACT)
                  .ifPresent(d -> problems.add("REST against gRPC: " + name + ": " + d)));
      case CaseAnswer.Refusal refusal ->
          problems.add("REST " + refusal + " (expected: " + expected + ")");
      case CaseAnswer.NoForm noForm -> {}
    }
    return problems;
  }
}
