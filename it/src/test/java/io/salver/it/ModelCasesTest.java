package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.gson.JsonElement;
import io.salver.it.WireCase.Call;
import io.salver.it.WireCase.Outcome;
import io.salver.server.tfserving.proto.GetModelStatusRequest;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.ModelVersionStatus;
import io.salver.server.tfserving.proto.ModelVersionStatus.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every model of the shared test data through both protocols of TensorFlow Serving and all forms of
 * the Open Inference Protocol: the good and the bad of an engine beside each other in one server.
 */
class ModelCasesTest {
  private static final CaseTable TABLE = new CaseTable();
  private static final List<RunningServer> SERVERS = new ArrayList<>();

  @TempDir static Path temporary;

  @AfterAll
  static void stopAndReport() throws Exception {
    SERVERS.forEach(RunningServer::close);
    TABLE.write(Path.of("target/model-cases.md"));
  }

  @TestFactory
  Stream<DynamicTest> onnxModelsDoWhatTheirCasesSay() throws Exception {
    return tests("onnx", OnnxWireCases.all(TestData.required()));
  }

  @TestFactory
  Stream<DynamicTest> tensorFlowModelsDoWhatTheirCasesSay() throws Exception {
    return tests("tensorflow", TensorFlowWireCases.all(TestData.required()));
  }

  @TestFactory
  Stream<DynamicTest> tensorFlowLiteModelsDoWhatTheirCasesSay() throws Exception {
    return tests("tflite", TfliteWireCases.all(TestData.required()));
  }

  @TestFactory
  Stream<DynamicTest> modelsOfOtherFormatsDoWhatTheirCasesSay() throws Exception {
    List<WireCase> cases = OtherWireCases.all(TestData.required());
    Path plugins = temporary.resolve("plugins");
    PluginDirectory.make(plugins);
    Path yaml = temporary.resolve("salver.yaml");
    Files.writeString(yaml, "engines: {plugins: " + plugins + "}\n");
    return tests("other", cases, "--config=" + yaml);
  }

  private static Stream<DynamicTest> tests(String engine, List<WireCase> cases, String... options)
      throws Exception {
    Path config = ModelDirectories.layOut(cases, temporary.resolve(engine));
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--model_config_file=" + config);
    all.add("--max_num_load_retries=0");
    all.add("--load_retry_interval_micros=1000000");
    RunningServer server = RunningServer.start(all.toArray(String[]::new));
    SERVERS.add(server);
    return cases.stream().map(c -> dynamicTest(c.name(), () -> check(server, c)));
  }

  private static void check(RunningServer server, WireCase wireCase) throws Exception {
    switch (wireCase.outcome()) {
      case Outcome.NotServed notServed -> checkRefusal(server, wireCase, notServed);
      case Outcome.Served served -> {
        awaitSettled(server, wireCase);
        checkAnswers(server, wireCase, served);
      }
      case Outcome.Either(Outcome.Served served, Outcome.NotServed notServed) -> {
        if (awaitSettled(server, wireCase) == State.AVAILABLE) {
          checkAnswers(server, wireCase, served);
        } else {
          checkRefusal(server, wireCase, notServed);
        }
      }
    }
  }

  private static State awaitSettled(RunningServer server, WireCase wireCase) throws Exception {
    Set<State> settled = EnumSet.of(State.AVAILABLE, State.END);
    Await.until(
        wireCase.name() + " settles",
        () -> settled.contains(status(server, wireCase.name()).getState()));
    return status(server, wireCase.name()).getState();
  }

  private static ModelVersionStatus status(RunningServer server, String model) {
    GetModelStatusRequest request =
        GetModelStatusRequest.newBuilder()
            .setModelSpec(ModelSpec.newBuilder().setName(model))
            .build();
    return server.grpc().call(GrpcClient.STATUS, request).getModelVersionStatus(0);
  }

  /** What looks as if it were still being copied stays in START; the list of models says why. */
  private static void checkRefusal(
      RunningServer server, WireCase wireCase, Outcome.NotServed expected) throws Exception {
    Await.until(
        wireCase.name() + " is refused for: " + expected.reason(),
        () -> listedReason(server, wireCase.name()).contains(expected.reason()));
    ModelVersionStatus status = status(server, wireCase.name());
    String rest = server.rest().get("/v1/models/" + wireCase.name()).body();
    TABLE.add(
        wireCase.name(),
        "load",
        "refused: " + expected.reason(),
        status.getState() + ": " + listedReason(server, wireCase.name()),
        status.getState() + ": " + status.getStatus().getErrorMessage());
    assertThat(status.getState()).isIn(State.END, State.START);
    if (status.getState() == State.END) {
      assertThat(status.getStatus().getErrorMessage()).contains(expected.reason());
    }
    assertThat(rest).doesNotContain("AVAILABLE").contains("\"" + status.getState() + "\"");
  }

  private static String listedReason(RunningServer server, String model) throws Exception {
    for (JsonElement listed :
        server.rest().get("/v1/models").json().getAsJsonObject().getAsJsonArray("models")) {
      if (listed.getAsJsonObject().get("name").getAsString().equals(model)) {
        return listed.getAsJsonObject().get("reason").getAsString();
      }
    }
    throw new AssertionError("no model " + model + " in /v1/models");
  }

  private static void checkAnswers(RunningServer server, WireCase wireCase, Outcome.Served expected)
      throws Exception {
    List<CaseAnswer> byGrpc = new ArrayList<>();
    for (Call call : expected.calls()) {
      byGrpc.add(CaseCalls.byGrpc(server.grpc(), wireCase.name(), call));
    }
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < byGrpc.size(); i++) {
      Call call = expected.calls().get(i);
      CaseAnswer byRest = CaseCalls.byRest(server.rest(), wireCase.name(), call, byGrpc.get(i));
      TABLE.add(
          wireCase.name(),
          call.signature(),
          call.expectation().toString(),
          byRest.toString(),
          byGrpc.get(i).toString());
      problems.addAll(CaseCalls.problems(call, byRest, byGrpc.get(i)));
    }
    for (OipCalls.Form form : OipCalls.Form.values()) {
      for (int i = 0; i < byGrpc.size(); i++) {
        Call call = expected.calls().get(i);
        CaseAnswer like = byGrpc.get(i);
        CaseAnswer answer = OipCalls.make(form, server, wireCase.name(), call, like);
        if (!(answer instanceof CaseAnswer.NoForm)) {
          CaseCalls.problems(call, answer, like)
              .forEach(problem -> problems.add("OIP " + form + ": " + problem));
        }
      }
    }
    assertThat(problems).isEmpty();
  }
}
