package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Int64Value;
import com.google.protobuf.Message;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.salver.lifecycle.ModelConfig;
import io.salver.server.tfserving.proto.Code;
import io.salver.server.tfserving.proto.GetModelStatusRequest;
import io.salver.server.tfserving.proto.GetModelStatusResponse;
import io.salver.server.tfserving.proto.LoggingConfig;
import io.salver.server.tfserving.proto.ModelConfigList;
import io.salver.server.tfserving.proto.ModelServerConfig;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.ModelVersionStatus;
import io.salver.server.tfserving.proto.ReloadConfigRequest;
import io.salver.server.tfserving.proto.ReloadConfigResponse;
import io.salver.server.tfserving.proto.SamplingConfig;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ModelServiceTest {
  private ServingFixture server;

  @BeforeAll
  void start() {
    server = new ServingFixture(false);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @BeforeEach
  void forgetEarlierReloads() {
    server.configureAnswer = Map.of();
    server.neverSettles = false;
    server.reloads.clear();
  }

  @Test
  void tellsTheStateOfAllVersionsOrOfOne() {
    GetModelStatusRequest.Builder request =
        GetModelStatusRequest.newBuilder().setModelSpec(ModelSpec.newBuilder().setName("half"));
    assertThat(status(request.build()).getModelVersionStatusList())
        .extracting(ModelVersionStatus::getVersion)
        .containsExactly(123L, 122L);

    request.getModelSpecBuilder().setVersion(Int64Value.of(122));
    ModelVersionStatus status = status(request.build()).getModelVersionStatus(0);
    assertThat(status.getState()).isEqualTo(ModelVersionStatus.State.AVAILABLE);
    assertThat(status.getStatus().getErrorCode()).isEqualTo(Code.OK);

    request.getModelSpecBuilder().setVersion(Int64Value.of(5));
    assertFails(
        "GetModelStatus",
        request.build(),
        Status.Code.NOT_FOUND,
        "Could not find version 5 of model half");
    assertFails(
        "GetModelStatus",
        GetModelStatusRequest.getDefaultInstance(),
        Status.Code.INVALID_ARGUMENT,
        "Missing ModelSpec");
  }

  @Test
  void reloadsTheConfiguration() {
    ModelConfigList.Builder list = ModelConfigList.newBuilder();
    list.addConfigBuilder()
        .setName("new")
        .setBasePath("/models/new")
        .setLoggingConfig(
            LoggingConfig.newBuilder()
                .setSamplingConfig(SamplingConfig.newBuilder().setSamplingRate(0.5)));

    ReloadConfigResponse response = reload(list);

    assertThat(response.getStatus().getErrorCode()).isEqualTo(Code.OK);
    assertThat(server.configured).extracting(ModelConfig::name).containsExactly("new");
    assertThat(server.reloads.poll().logging()).containsKey("new");
  }

  @Test
  void saysWhichModelsDidNotBecomeAvailable() {
    server.configureAnswer = Map.of("b", "no versions", "a", "broken");
    assertReloadFails(
        ModelConfigList.newBuilder(),
        Status.Code.UNKNOWN,
        "2 model(s) did not become available: {{name: a due to error: broken}, {name: b due to"
            + " error: no versions}, }");
  }

  @Test
  void whatWasTakenTakesEffectEvenIfModelsDoNotSettleInTime() {
    server.neverSettles = true;
    assertReloadFails(ModelConfigList.newBuilder(), Status.Code.DEADLINE_EXCEEDED, "not settled");
    assertThat(server.reloads).hasSize(1);
  }

  @Test
  void refusesAConfigurationThatIsWrong() {
    ModelConfigList.Builder list = ModelConfigList.newBuilder();
    list.addConfigBuilder().setName("new").setBasePath("models/new");
    assertReloadFails(
        list,
        Status.Code.INVALID_ARGUMENT,
        "Expected model new to have an absolute path or URI; got base_path()=models/new");
    assertFails(
        "HandleReloadConfigRequest",
        ReloadConfigRequest.getDefaultInstance(),
        Status.Code.INVALID_ARGUMENT,
        "ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is"
            + " currently supported");
  }

  private GetModelStatusResponse status(GetModelStatusRequest request) {
    return server.call(
        ServingFixture.MODEL + "GetModelStatus", request, GetModelStatusResponse.parser());
  }

  private ReloadConfigResponse reload(ModelConfigList.Builder list) {
    return server.call(
        ServingFixture.MODEL + "HandleReloadConfigRequest",
        request(list),
        ReloadConfigResponse.parser());
  }

  private static ReloadConfigRequest request(ModelConfigList.Builder list) {
    return ReloadConfigRequest.newBuilder()
        .setConfig(ModelServerConfig.newBuilder().setModelConfigList(list))
        .build();
  }

  private void assertReloadFails(ModelConfigList.Builder list, Status.Code code, String message) {
    assertFails("HandleReloadConfigRequest", request(list), code, message);
  }

  private void assertFails(String method, Message request, Status.Code code, String message) {
    assertThatThrownBy(() ->
            server.call(ServingFixture.MODEL + method, request, ReloadConfigResponse.parser()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getDescription()).isEqualTo(message);
              assertThat(e.getStatus().getCode()).isEqualTo(code);
            });
  }
}
