package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import inference.GrpcPredictV2.InferTensorContents;
import inference.GrpcPredictV2.ModelInferRequest;
import inference.GrpcPredictV2.ModelInferRequest.InferInputTensor;
import inference.GrpcPredictV2.ModelInferResponse;
import inference.GrpcPredictV2.ModelMetadataResponse;
import inference.GrpcPredictV2.ModelReadyResponse;
import inference.GrpcPredictV2.ServerLiveResponse;
import inference.GrpcPredictV2.ServerMetadataResponse;
import inference.GrpcPredictV2.ServerReadyResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Apache Camel's component for KServe, with its own messages and stubs. */
class OipCamelTest {
  private static RunningServer server;
  private static DefaultCamelContext camel;
  private static ProducerTemplate producer;

  @BeforeAll
  static void startServerAndRoutes() throws Exception {
    server =
        RunningServer.start(
            "--model_name=" + HalfPlusTwoCalls.NAME,
            "--model_base_path=" + HalfPlusTwoCalls.directory());
    camel = new DefaultCamelContext();
    camel.addRoutes(new Routes("127.0.0.1:" + server.grpcPort()));
    camel.start();
    producer = camel.createProducerTemplate();
  }

  @AfterAll
  static void stop() {
    if (camel != null) {
      camel.stop();
    }
    if (server != null) {
      server.close();
    }
  }

  private static final class Routes extends RouteBuilder {
    private final String target;

    Routes(String target) {
      this.target = target;
    }

    @Override
    public void configure() {
      String model = "&modelName=" + HalfPlusTwoCalls.NAME;
      route("server-live", "server/live", "");
      route("server-ready", "server/ready", "");
      route("server-metadata", "server/metadata", "");
      route("model-ready", "model/ready", model);
      route("model-ready-9", "model/ready", model + "&modelVersion=9");
      route("model-metadata", "model/metadata", model);
      route("infer", "infer", model);
      route("infer-1", "infer", model + "&modelVersion=1");
      route("infer-nobody", "infer", "&modelName=nobody");
    }

    private void route(String name, String api, String options) {
      from("direct:" + name).to("kserve:" + api + "?target=" + target + options);
    }
  }

  private static <A> A send(String route, Object body, Class<A> type) {
    return producer.requestBody("direct:" + route, body, type);
  }

  private static InferInputTensor.Builder x(long... shape) {
    InferInputTensor.Builder input = InferInputTensor.newBuilder().setName("x").setDatatype("FP32");
    for (long dim : shape) {
      input.addShape(dim);
    }
    return input;
  }

  private static ByteString floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return ByteString.copyFrom(bytes.flip());
  }

  @Test
  void theServerIsLiveAndReady() {
    assertThat(send("server-live", "", ServerLiveResponse.class).getLive()).isTrue();
    assertThat(send("server-ready", "", ServerReadyResponse.class).getReady()).isTrue();
  }

  @Test
  void theServerSaysWhatItIs() {
    ServerMetadataResponse answer = send("server-metadata", "", ServerMetadataResponse.class);
    assertThat(answer.getName()).isEqualTo("salver");
    assertThat(answer.getVersion()).isNotEmpty();
    assertThat(answer.getExtensionsList()).contains("binary_tensor_data", "classification");
  }

  @Test
  void aModelIsReadyInTheVersionsThatAreThere() {
    assertThat(send("model-ready", "", ModelReadyResponse.class).getReady()).isTrue();
    assertThat(send("model-ready-9", "", ModelReadyResponse.class).getReady()).isFalse();
  }

  @Test
  void aModelSaysWhatItTakes() {
    ModelMetadataResponse answer = send("model-metadata", "", ModelMetadataResponse.class);
    assertThat(answer.getName()).isEqualTo(HalfPlusTwoCalls.NAME);
    assertThat(answer.getVersionsList()).containsExactly("1");
    assertThat(answer.getPlatform()).isEqualTo("onnxruntime_onnx");
    assertThat(answer.getInputs(0).getName()).isEqualTo("x");
    assertThat(answer.getInputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(answer.getOutputs(0).getName()).isEqualTo("y");
  }

  @Test
  void typedAndRawContentsAreBothAnsweredRaw() {
    ModelInferRequest typed =
        ModelInferRequest.newBuilder()
            .addInputs(
                x(3).setContents(
                        InferTensorContents.newBuilder()
                            .addFp32Contents(1)
                            .addFp32Contents(2)
                            .addFp32Contents(5)))
            .build();
    ModelInferRequest raw =
        ModelInferRequest.newBuilder()
            .addInputs(x(3))
            .addRawInputContents(floats(1, 2, 5))
            .setId("17")
            .build();
    for (ModelInferResponse answer :
        new ModelInferResponse[] {
          send("infer", typed, ModelInferResponse.class),
          send("infer-1", raw, ModelInferResponse.class)
        }) {
      assertThat(answer.getModelName()).isEqualTo(HalfPlusTwoCalls.NAME);
      assertThat(answer.getModelVersion()).isEqualTo("1");
      assertThat(answer.getOutputs(0).getShapeList()).containsExactly(3L);
      assertThat(answer.getRawOutputContentsList()).containsExactly(floats(2.5f, 3f, 4.5f));
    }
    assertThat(send("infer", raw, ModelInferResponse.class).getId()).isEqualTo("17");
  }

  @Test
  void whatIsWrongIsToldWithItsStatus() {
    assertFails("infer-nobody", ModelInferRequest.getDefaultInstance(), Status.Code.NOT_FOUND);
    assertFails("infer", ModelInferRequest.getDefaultInstance(), Status.Code.INVALID_ARGUMENT);
  }

  private static void assertFails(String route, ModelInferRequest request, Status.Code code) {
    assertThatThrownBy(() -> send(route, request, ModelInferResponse.class))
        .isInstanceOf(CamelExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }
}
