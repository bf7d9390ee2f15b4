package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.salver.examples.PacedModel.Behaviour;
import io.salver.server.oip.proto.InferTensorContents;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.oip.proto.ModelInferRequest.InferInputTensor;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.PredictRequest;
import io.salver.testkit.cases.ArrayTensor;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What grpc-java's clients see of endpoints. */
@Timeout(120)
class EndpointGrpcTest {
  /** The model fails once in so many runs. */
  private static final int FAILS_EVERY = 50;

  /** By which protocol it is asked. */
  enum Protocol {
    TENSORFLOW_SERVING,
    OPEN_INFERENCE
  }

  @TempDir private static Path temporary;
  private static EndpointServer server;

  @BeforeAll
  static void start() throws Exception {
    server =
        new EndpointServer.Setup(temporary)
            .paced("right", Behaviour.IDEAL)
            .paced("failing", new Behaviour(0, FAILS_EVERY, 0))
            .start();
    server.put("e", "{\"type\": \"direct\", \"route\": {\"model\": \"right\"}}");
    server.putDefinition(
        "with-default",
        "{\"default\": {\"y\": -1},"
            + " \"policy\": {\"type\": \"direct\", \"route\": {\"model\": \"failing\"}}}");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** Asks with one number, and returns the metadata that came before the answer. */
  private static Metadata ask(Protocol protocol, String endpoint) {
    AtomicReference<Metadata> headers = new AtomicReference<>();
    Channel channel =
        ClientInterceptors.intercept(
            server.server().grpc().channel(),
            MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>()));
    switch (protocol) {
      case TENSORFLOW_SERVING ->
          call(
              channel,
              GrpcClient.PREDICT,
              PredictRequest.newBuilder()
                  .setModelSpec(ModelSpec.newBuilder().setName(endpoint))
                  .putInputs("x", ProtoTensors.toProto(ArrayTensor.floats(0.5f)))
                  .build());
      case OPEN_INFERENCE ->
          call(
              channel,
              OipCalls.INFER,
              ModelInferRequest.newBuilder()
                  .setModelName(endpoint)
                  .addInputs(
                      InferInputTensor.newBuilder()
                          .setName("x")
                          .setDatatype("FP32")
                          .addShape(1)
                          .setContents(InferTensorContents.newBuilder().addFp32Contents(0.5f)))
                  .build());
    }
    return Objects.requireNonNull(headers.get());
  }

  private static <Q, A> void call(Channel channel, MethodDescriptor<Q, A> method, Q request) {
    assertThat(ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request))
        .isNotNull();
  }

  private static String value(Metadata metadata, String name) {
    return metadata.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
  }

  @ParameterizedTest
  @EnumSource
  void anAnswersMetadataSaysWhoGaveItAndFeedbackFindsIt(Protocol protocol) throws Exception {
    Metadata metadata = ask(protocol, "e");
    assertThat(value(metadata, "salver-model")).isEqualTo("right");
    assertThat(value(metadata, "salver-version")).isEqualTo("1");
    assertThat(value(metadata, "salver-default")).isNull();
    server.feedback(
        "e",
        "{\"prediction_id\": \"" + value(metadata, "salver-prediction-id") + "\", \"label\": 0.5}");
  }

  @ParameterizedTest
  @EnumSource
  void theDefaultSaysThatItIsOne(Protocol protocol) {
    Metadata metadata = ask(protocol, "with-default");
    for (int i = 0; i < FAILS_EVERY && value(metadata, "salver-default") == null; i++) {
      assertThat(value(metadata, "salver-model")).isEqualTo("failing");
      metadata = ask(protocol, "with-default");
    }
    assertThat(value(metadata, "salver-default")).isEqualTo("true");
    assertThat(value(metadata, "salver-model")).isNull();
    assertThat(value(metadata, "salver-prediction-id")).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aModelsAnswerHasNone(Protocol protocol) {
    assertThat(ask(protocol, "right").keys()).noneMatch(key -> key.startsWith("salver-"));
  }
}
