package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.salver.it.WireCase.Call;
import io.salver.it.WireCase.Outcome;
import io.salver.server.tfserving.proto.GetModelStatusRequest;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.ModelVersionStatus;
import io.salver.server.tfserving.proto.ModelVersionStatus.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every model of the shared test data through both protocols: the good and the bad of an engine
 * beside each other in one server.
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
  Stream<DynamicTest> tensorFlowModelsDoWhatTheirCasesSay() throws Exception {
    return tests("tensorflow", TensorFlowWireCases.all(TestData.required()));
  }

  private static Stream<DynamicTest> tests(String engine, List<WireCase> cases) throws Exception {
    Path config = ModelDirectories.layOut(cases, temporary.resolve(engine));
    RunningServer server =
        RunningServer.start("--model_config_file=" + config, "--max_num_load_retries=0");
    SERVERS.add(server);
    return cases.stream().map(c -> dynamicTest(c.name(), () -> check(server, c)));
  }

  private static void check(RunningServer server, WireCase wireCase) throws Exception {
    ModelVersionStatus status = status(server, wireCase.name());
    switch (wireCase.outcome()) {
      case Outcome.NotServed notServed -> checkRefusal(server, wireCase, notServed, status);
      case Outcome.Served served -> checkAnswers(server, wireCase, served);
      case Outcome.Either(Outcome.Served served, Outcome.NotServed notServed) -> {
        if (status.getState() == State.AVAILABLE) {
          checkAnswers(server, wireCase, served);
        } else {
          checkRefusal(server, wireCase, notServed, status);
        }
      }
    }
  }

  private static ModelVersionStatus status(RunningServer server, String model) {
    GetModelStatusRequest request =
        GetModelStatusRequest.newBuilder()
            .setModelSpec(ModelSpec.newBuilder().setName(model))
            .build();
    return server.grpc().call(GrpcClient.STATUS, request).getModelVersionStatus(0);
  }

  private static void checkRefusal(
      RunningServer server,
      WireCase wireCase,
      Outcome.NotServed expected,
      ModelVersionStatus status)
      throws Exception {
    String rest = server.rest().get("/v1/models/" + wireCase.name()).body();
    String message = status.getStatus().getErrorMessage();
    TABLE.add(
        wireCase.name(),
        "load",
        "refused: " + expected.reason(),
        rest,
        status.getState() + ": " + message);
    assertThat(status.getState()).isEqualTo(State.END);
    assertThat(message).contains(expected.reason());
    assertThat(rest).doesNotContain("AVAILABLE").contains("\"END\"");
  }

  private static void checkAnswers(
      RunningServer server, WireCase wireCase, Outcome.Served expected) throws Exception {
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
    assertThat(problems).isEmpty();
  }
}
