package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Int64Value;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.salver.server.tfserving.proto.ClassificationRequest;
import io.salver.server.tfserving.proto.ClassificationResponse;
import io.salver.server.tfserving.proto.Example;
import io.salver.server.tfserving.proto.ExampleList;
import io.salver.server.tfserving.proto.ExampleListWithContext;
import io.salver.server.tfserving.proto.Feature;
import io.salver.server.tfserving.proto.Features;
import io.salver.server.tfserving.proto.FloatList;
import io.salver.server.tfserving.proto.GetModelMetadataRequest;
import io.salver.server.tfserving.proto.GetModelMetadataResponse;
import io.salver.server.tfserving.proto.InferenceResult;
import io.salver.server.tfserving.proto.InferenceTask;
import io.salver.server.tfserving.proto.Input;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.MultiInferenceRequest;
import io.salver.server.tfserving.proto.MultiInferenceResponse;
import io.salver.server.tfserving.proto.PredictRequest;
import io.salver.server.tfserving.proto.PredictResponse;
import io.salver.server.tfserving.proto.RegressionRequest;
import io.salver.server.tfserving.proto.RegressionResponse;
import io.salver.server.tfserving.proto.SignatureDefMap;
import io.salver.server.tfserving.proto.TensorProto;
import io.salver.tensor.DType;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PredictionServiceTest {
  private ServingFixture server;

  @BeforeAll
  void start() {
    server = new ServingFixture(false);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @AfterEach
  void everyLeaseIsGivenBack() {
    server.settle();
    assertThat(server.models.openLeases()).isZero();
  }

  @Test
  void predictsAndSaysWhoAnswered() {
    PredictResponse response = predict(request("half", 2).build());

    assertThat(response.getModelSpec()).isEqualTo(spec("half", "serving_default", 123));
    assertThat(response.getOutputsMap()).containsOnlyKeys("y");
    assertThat(response.getOutputsOrThrow("y"))
        .isEqualTo(TensorProtos.header(DType.FLOAT32, 1).addFloatVal(3).build());
  }

  @Test
  void predictsWithAVersionALabelAndAFilter() {
    PredictRequest.Builder request = request("half", 2, 4);
    request
        .getModelSpecBuilder()
        .setVersion(Int64Value.of(122))
        .setSignatureName("serving_default");
    request.addOutputFilter("y");
    assertThat(predict(request.build()).getModelSpec().getVersion().getValue()).isEqualTo(122);

    request.getModelSpecBuilder().setVersionLabel("stable");
    PredictResponse labelled = predict(request.build());
    assertThat(labelled.getModelSpec().getVersion().getValue()).isEqualTo(122);
    assertThat(labelled.getOutputsOrThrow("y").getFloatValList()).containsExactly(3f, 4f);
  }

  @Test
  void refusesTargetsThatAreNotThere() {
    assertFails(
        request("nobody", 1).build(),
        Status.Code.NOT_FOUND,
        "Servable not found for request: Latest(nobody)");
    PredictRequest.Builder request = request("half", 1);
    request.getModelSpecBuilder().setVersion(Int64Value.of(99));
    assertFails(
        request.build(),
        Status.Code.NOT_FOUND,
        "Servable not found for request: Specific(half, 99)");
    request.getModelSpecBuilder().setVersionLabel("canary");
    assertFails(
        request.build(),
        Status.Code.INVALID_ARGUMENT,
        "Unrecognized servable version label: canary");
    request.setModelSpec(ModelSpec.newBuilder().setName("half").setSignatureName("none"));
    assertFails(
        request.build(),
        Status.Code.FAILED_PRECONDITION,
        "Serving signature key \"none\" not found.");
    assertFails(
        PredictRequest.getDefaultInstance(), Status.Code.INVALID_ARGUMENT, "Missing ModelSpec");
    assertFails(
        PredictRequest.newBuilder().setModelSpec(ModelSpec.getDefaultInstance()).build(),
        Status.Code.INVALID_ARGUMENT,
        "ModelSpec has no name specified.");
  }

  @Test
  void refusesInputsAndOutputsThatAreNotTheSignatures() {
    assertFails(
        request("half", 1).putInputs("z", floats(1)).build(),
        Status.Code.INVALID_ARGUMENT,
        "input size does not match signature: 2!=1 len({x,z}) != len({x}). Sent extra: {z}."
            + " Missing but required: {}.");
    assertFails(
        request("half", 1).clearInputs().build(),
        Status.Code.INVALID_ARGUMENT,
        "input size does not match signature: 0!=1 len({}) != len({x}). Sent extra: {}. Missing but"
            + " required: {x}.");
    assertFails(
        request("half", 1).clearInputs().putInputs("z", floats(1)).build(),
        Status.Code.INVALID_ARGUMENT,
        "Signature input alias: x(feed name: x) not found in request and no default value provided."
            + " Inputs expected to be in the request {z}, or default input alias set: ");
    assertFails(
        request("half", 1).addOutputFilter("w").build(),
        Status.Code.INVALID_ARGUMENT,
        "output tensor alias not found in signature: w Outputs expected to be in the set {y}.");
    assertFails(
        request("half", 1).addOutputFilter("y").addOutputFilter("y").build(),
        Status.Code.INVALID_ARGUMENT,
        "duplicate output tensor alias: y");
  }

  @Test
  void classifies() {
    ClassificationRequest request =
        ClassificationRequest.newBuilder()
            .setModelSpec(target("examples", "classify_labelled"))
            .setInput(examples(2, 20))
            .build();

    ClassificationResponse response =
        server.call(
            ServingFixture.PREDICTION + "Classify", request, ClassificationResponse.parser());

    assertThat(response.getModelSpec()).isEqualTo(spec("examples", "classify_labelled", 7));
    assertThat(response.getResult().getClassifications(0).getClasses(0).getLabel())
        .isEqualTo("small");
    assertThat(response.getResult().getClassifications(1).getClasses(0).getLabel())
        .isEqualTo("large");
    assertThat(response.getResult().getClassifications(1).getClasses(0).getScore()).isEqualTo(12);
  }

  @Test
  void regressesWithAContextThatEachExampleShares() {
    Example context = example(80);
    RegressionRequest request =
        RegressionRequest.newBuilder()
            .setModelSpec(target("examples", "regress_x_to_y"))
            .setInput(
                Input.newBuilder()
                    .setExampleListWithContext(
                        ExampleListWithContext.newBuilder()
                            .setContext(context)
                            .addExamples(Example.getDefaultInstance())
                            .addExamples(example(2))))
            .build();

    RegressionResponse response =
        server.call(ServingFixture.PREDICTION + "Regress", request, RegressionResponse.parser());

    assertThat(response.getResult().getRegressions(0).getValue()).isEqualTo(42);
    assertThat(response.getResult().getRegressions(1).getValue()).isEqualTo(3);
  }

  @Test
  void refusesExamplesThatDoNotFit() {
    RegressionRequest.Builder request =
        RegressionRequest.newBuilder()
            .setModelSpec(target("examples", "regress_x_to_y"))
            .setInput(examples());
    assertRegressFails(request.build(), Status.Code.INVALID_ARGUMENT, "Input is empty.");
    request.setInput(examples(1)).setModelSpec(target("examples", ""));
    assertRegressFails(
        request.build(),
        Status.Code.INVALID_ARGUMENT,
        "No signature was found with the name: serving_default");
    request.setModelSpec(target("examples", "regress_labels"));
    assertRegressFails(
        request.build(),
        Status.Code.INVALID_ARGUMENT,
        "Expected output Tensor of DT_FLOAT.  Got: DT_STRING");
    request.setModelSpec(target("half", ""));
    assertRegressFails(
        request.build(),
        Status.Code.FAILED_PRECONDITION,
        "No regression inputs found in SignatureDef: serving_default[TensorSpec[name=x,"
            + " dtype=FLOAT32, shape=[-1], nativeName=x, optional=false]] -> [TensorSpec[name=y,"
            + " dtype=FLOAT32, shape=[-1], nativeName=y, optional=false]]");
  }

  @Test
  void infersSeveralTasksInOneRun() {
    MultiInferenceRequest request =
        MultiInferenceRequest.newBuilder()
            .addTasks(task("regress_x_to_y2", "tensorflow/serving/regress"))
            .addTasks(task("classify_x_to_y", "tensorflow/serving/classify"))
            .setInput(examples(2, 4))
            .build();
    int runsBefore = server.examples.runs();

    MultiInferenceResponse response = multiInference(request);

    assertThat(server.examples.runs() - runsBefore).isEqualTo(1);
    InferenceResult regression = response.getResults(0);
    assertThat(regression.getModelSpec()).isEqualTo(spec("examples", "regress_x_to_y2", 7));
    assertThat(regression.getRegressionResult().getRegressions(1).getValue()).isEqualTo(5);
    InferenceResult classification = response.getResults(1);
    assertThat(
            classification.getClassificationResult().getClassifications(0).getClasses(0).getScore())
        .isEqualTo(3);
  }

  @Test
  void refusesTasksThatDoNotBelongTogether() {
    MultiInferenceRequest.Builder request =
        MultiInferenceRequest.newBuilder().setInput(examples(1));
    assertMultiInferenceFails(
        request, Status.Code.INVALID_ARGUMENT, "ModelSpec has no name specified.");
    request.addTasks(task("regress_x_to_y", "tensorflow/serving/regress"));
    InferenceTask other =
        InferenceTask.newBuilder().setModelSpec(target("half", "")).setMethodName("x").build();
    assertMultiInferenceFails(
        request.clone().addTasks(other),
        Status.Code.INVALID_ARGUMENT,
        "All ModelSpecs in a MultiInferenceRequest must access the same model name.");
    assertMultiInferenceFails(
        request.clone().addTasks(task("regress_x_to_y", "tensorflow/serving/regress")),
        Status.Code.INVALID_ARGUMENT,
        "Duplicate evaluation of signature: regress_x_to_y");
    assertMultiInferenceFails(
        request.clone().addTasks(task("classify_x_to_y", "tensorflow/serving/predict")),
        Status.Code.UNIMPLEMENTED,
        "Unsupported signature method_name: tensorflow/serving/predict");
    assertMultiInferenceFails(
        request.clone().addTasks(task("none", "tensorflow/serving/regress")),
        Status.Code.INVALID_ARGUMENT,
        "Requested signature not found in model graph: none");
  }

  @Test
  void tellsTheSignatures() throws InvalidProtocolBufferException {
    GetModelMetadataRequest.Builder request =
        GetModelMetadataRequest.newBuilder().setModelSpec(target("half", ""));
    assertMetadataFails(
        request.build(), "GetModelMetadataRequest must specify at least one metadata_field");
    assertMetadataFails(
        request.clone().addMetadataField("weather").build(),
        "Metadata field weather is not supported");

    GetModelMetadataResponse response = metadata(request.addMetadataField("signature_def").build());

    assertThat(response.getModelSpec())
        .isEqualTo(ModelSpec.newBuilder().setName("half").setVersion(Int64Value.of(123)).build());
    SignatureDefMap signatures =
        response.getMetadataOrThrow("signature_def").unpack(SignatureDefMap.class);
    assertThat(signatures.getSignatureDefOrThrow("serving_default").getInputsOrThrow("x").getName())
        .isEqualTo("x");
  }

  @Test
  void tellsTheObserverOfEveryPredictionThatHeldAVersion() {
    server.observed.clear();
    predict(request("half", 1).build());
    assertThatThrownBy(() -> predict(request("half", 1).clearInputs().build()))
        .isInstanceOf(StatusRuntimeException.class);
    // The observer is told on the loop, before it reads the next request.
    predict(request("half", 1).build());
    assertThat(server.observed).startsWith("half/123 OK", "half/123 INVALID_ARGUMENT");
  }

  private PredictResponse predict(PredictRequest request) {
    return server.call(ServingFixture.PREDICTION + "Predict", request, PredictResponse.parser());
  }

  private MultiInferenceResponse multiInference(MultiInferenceRequest request) {
    return server.call(
        ServingFixture.PREDICTION + "MultiInference", request, MultiInferenceResponse.parser());
  }

  private GetModelMetadataResponse metadata(GetModelMetadataRequest request) {
    return server.call(
        ServingFixture.PREDICTION + "GetModelMetadata", request, GetModelMetadataResponse.parser());
  }

  private void assertFails(PredictRequest request, Status.Code code, String message) {
    assertFails("Predict", request, code, message);
  }

  private void assertRegressFails(RegressionRequest request, Status.Code code, String message) {
    assertFails("Regress", request, code, message);
  }

  private void assertMultiInferenceFails(
      MultiInferenceRequest.Builder request, Status.Code code, String message) {
    assertFails("MultiInference", request.build(), code, message);
  }

  private void assertMetadataFails(GetModelMetadataRequest request, String message) {
    assertFails("GetModelMetadata", request, Status.Code.INVALID_ARGUMENT, message);
  }

  private void assertFails(String method, Message request, Status.Code code, String message) {
    assertThatThrownBy(() ->
            server.call(ServingFixture.PREDICTION + method, request, PredictResponse.parser()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getDescription()).isEqualTo(message);
              assertThat(e.getStatus().getCode()).isEqualTo(code);
            });
  }

  static PredictRequest.Builder request(String model, double... x) {
    return PredictRequest.newBuilder()
        .setModelSpec(ModelSpec.newBuilder().setName(model))
        .putInputs("x", floats(x));
  }

  private static TensorProto floats(double... values) {
    TensorProto.Builder tensor = TensorProtos.header(DType.FLOAT32, values.length);
    DoubleStream.of(values).forEach(value -> tensor.addFloatVal((float) value));
    return tensor.build();
  }

  private static ModelSpec target(String model, String signature) {
    return ModelSpec.newBuilder().setName(model).setSignatureName(signature).build();
  }

  private static ModelSpec spec(String model, String signature, long version) {
    return ModelSpec.newBuilder()
        .setName(model)
        .setSignatureName(signature)
        .setVersion(Int64Value.of(version))
        .build();
  }

  private static InferenceTask task(String signature, String method) {
    return InferenceTask.newBuilder()
        .setModelSpec(target("examples", signature))
        .setMethodName(method)
        .build();
  }

  static Input examples(double... x) {
    ExampleList.Builder list = ExampleList.newBuilder();
    DoubleStream.of(x).forEach(value -> list.addExamples(example(value)));
    return Input.newBuilder().setExampleList(list).build();
  }

  private static Example example(double x) {
    return Example.newBuilder()
        .setFeatures(
            Features.newBuilder()
                .putFeature(
                    "x",
                    Feature.newBuilder()
                        .setFloatList(FloatList.newBuilder().addValue((float) x))
                        .build()))
        .build();
  }
}
