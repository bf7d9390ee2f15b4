package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.example.Example;
import org.tensorflow.example.Feature;
import org.tensorflow.example.Features;
import org.tensorflow.example.FloatList;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.TensorProto;
import org.tensorflow.framework.TensorShapeProto;
import tensorflow.serving.Classification.ClassificationRequest;
import tensorflow.serving.Classification.ClassificationResponse;
import tensorflow.serving.GetModelMetadata.GetModelMetadataResponse;
import tensorflow.serving.GetModelMetadata.SignatureDefMap;
import tensorflow.serving.GetModelStatus.GetModelStatusResponse;
import tensorflow.serving.GetModelStatus.ModelVersionStatus;
import tensorflow.serving.InputOuterClass.ExampleList;
import tensorflow.serving.InputOuterClass.Input;
import tensorflow.serving.Predict.PredictRequest;
import tensorflow.serving.Predict.PredictResponse;
import tensorflow.serving.RegressionOuterClass.RegressionRequest;
import tensorflow.serving.RegressionOuterClass.RegressionResponse;

/** Apache Camel's component for TensorFlow Serving, with its own messages and stubs. */
class CamelTest {
  private static final String MODEL = "half_plus_two";
  private static final float TOLERANCE = 1e-6f;

  private static RunningServer server;
  private static DefaultCamelContext camel;
  private static ProducerTemplate producer;

  @BeforeAll
  static void startServerAndRoutes() throws Exception {
    Path model =
        TestData.required()
            .resolve("A_savedmodel/tfs_half_plus_two_cpu/saved_model_half_plus_two_cpu");
    server = RunningServer.start("--model_name=" + MODEL, "--model_base_path=" + model);
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
      route("status", "model-status", "");
      route("metadata", "model-metadata", "");
      route("predict", "predict", "");
      route("predict-123", "predict", "&modelVersion=123");
      route("predict-124", "predict", "&modelVersion=124");
      route("classify", "classify", "&signatureName=classify_x_to_y");
      route("regress", "regress", "&signatureName=regress_x_to_y");
      route("regress-y2", "regress", "&signatureName=regress_x_to_y2");
    }

    private void route(String name, String api, String options) {
      from("direct:" + name)
          .to("tensorflow-serving:" + api + "?target=" + target + "&modelName=" + MODEL + options);
    }
  }

  private static <A> A send(String route, Object body, Class<A> type) {
    return producer.requestBody("direct:" + route, body, type);
  }

  private static PredictRequest x(float... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_FLOAT)
            .setTensorShape(
                TensorShapeProto.newBuilder()
                    .addDim(TensorShapeProto.Dim.newBuilder().setSize(values.length)));
    for (float value : values) {
      tensor.addFloatVal(value);
    }
    return PredictRequest.newBuilder().putInputs("x", tensor.build()).build();
  }

  private static Input examples(float... values) {
    ExampleList.Builder list = ExampleList.newBuilder();
    for (float value : values) {
      Feature x = Feature.newBuilder().setFloatList(FloatList.newBuilder().addValue(value)).build();
      list.addExamples(Example.newBuilder().setFeatures(Features.newBuilder().putFeature("x", x)));
    }
    return Input.newBuilder().setExampleList(list).build();
  }

  @Test
  void predictAnswersWhatTheManifestSays() {
    PredictResponse answer = send("predict", x(1, 2, 5), PredictResponse.class);
    assertThat(answer.getOutputsOrThrow("y").getFloatValList()).containsExactly(2.5f, 3f, 4.5f);
    assertThat(answer.getOutputsOrThrow("y").getTensorShape().getDim(0).getSize()).isEqualTo(3);
    assertThat(answer.getModelSpec().getName()).isEqualTo(MODEL);
    assertThat(answer.getModelSpec().getVersion().getValue()).isEqualTo(123);
    assertThat(answer.getModelSpec().getSignatureName()).isEqualTo("serving_default");
  }

  @Test
  void predictOfAVersionThatIsThereAnswersAndOfOneThatIsNotDoesNot() {
    assertThat(
            send("predict-123", x(1), PredictResponse.class).getOutputsOrThrow("y").getFloatVal(0))
        .isCloseTo(2.5f, within(TOLERANCE));
    assertThatThrownBy(() -> send("predict-124", x(1), PredictResponse.class))
        .isInstanceOf(CamelExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
              assertThat(e.getStatus().getDescription())
                  .isEqualTo("Servable not found for request: Specific(half_plus_two, 124)");
            });
  }

  @Test
  void classifyAnswersAScoreForEachExample() {
    ClassificationRequest request =
        ClassificationRequest.newBuilder().setInput(examples(1, 20)).build();
    ClassificationResponse answer = send("classify", request, ClassificationResponse.class);
    assertThat(answer.getResult().getClassificationsList())
        .extracting(c -> c.getClasses(0).getScore())
        .containsExactly(2.5f, 12f);
    assertThat(answer.getModelSpec().getSignatureName()).isEqualTo("classify_x_to_y");
  }

  @Test
  void classifyAndRegressTakeABareInputToo() {
    assertThat(
            send("classify", examples(1), ClassificationResponse.class)
                .getResult()
                .getClassifications(0)
                .getClasses(0)
                .getScore())
        .isEqualTo(2.5f);
    assertThat(
            send("regress", examples(1), RegressionResponse.class)
                .getResult()
                .getRegressions(0)
                .getValue())
        .isEqualTo(2.5f);
  }

  @Test
  void regressAnswersAValueForEachExample() {
    RegressionRequest request = RegressionRequest.newBuilder().setInput(examples(1, 2, 80)).build();
    assertThat(send("regress", request, RegressionResponse.class).getResult().getRegressionsList())
        .extracting(r -> r.getValue())
        .containsExactly(2.5f, 3f, 42f);
    assertThat(
            send("regress-y2", request, RegressionResponse.class).getResult().getRegressionsList())
        .extracting(r -> r.getValue())
        .containsExactly(3.5f, 4f, 43f);
  }

  @Test
  void metadataListsTheSignatures() throws Exception {
    GetModelMetadataResponse answer = send("metadata", "", GetModelMetadataResponse.class);
    assertThat(answer.getModelSpec().getVersion().getValue()).isEqualTo(123);
    SignatureDefMap signatures =
        answer.getMetadataOrThrow("signature_def").unpack(SignatureDefMap.class);
    assertThat(signatures.getSignatureDefMap())
        .containsOnlyKeys(
            "serving_default",
            "regress_x_to_y",
            "regress_x_to_y2",
            "regress_x2_to_y3",
            "classify_x_to_y");
    assertThat(
            signatures.getSignatureDefOrThrow("serving_default").getInputsOrThrow("x").getDtype())
        .isEqualTo(DataType.DT_FLOAT);
  }

  @Test
  void statusSaysThatTheVersionIsAvailable() {
    GetModelStatusResponse answer = send("status", "", GetModelStatusResponse.class);
    assertThat(answer.getModelVersionStatusList()).hasSize(1);
    assertThat(answer.getModelVersionStatus(0).getVersion()).isEqualTo(123);
    assertThat(answer.getModelVersionStatus(0).getState())
        .isEqualTo(ModelVersionStatus.State.AVAILABLE);
  }

  @Test
  void anInputThatTheSignatureDoesNotHaveIsNamedInTheError() {
    PredictRequest wrong =
        PredictRequest.newBuilder().putInputs("z", x(1).getInputsOrThrow("x")).build();
    assertThatThrownBy(() -> send("predict", wrong, PredictResponse.class))
        .isInstanceOf(CamelExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e.getStatus().getDescription())
                  .contains("x(feed name: x:0) not found in request", "{z}");
            });
  }
}
