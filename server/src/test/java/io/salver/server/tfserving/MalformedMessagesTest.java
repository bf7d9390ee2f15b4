package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.salver.predict.Predictor;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcStatus;
import io.salver.server.grpc.UnaryHandler;
import io.salver.server.inference.FakeCall;
import io.salver.server.inference.FakeLoop;
import io.salver.server.inference.InlineRunner;
import io.salver.server.inference.StaticModels;
import io.salver.server.tfserving.proto.ClassificationRequest;
import io.salver.server.tfserving.proto.GetModelMetadataRequest;
import io.salver.server.tfserving.proto.InferenceTask;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.MultiInferenceRequest;
import io.salver.server.tfserving.proto.RegressionRequest;
import io.salver.tensor.DType;
import io.salver.tensor.NativeMemory;
import io.salver.testkit.HalfPlusTwo;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever bytes come as a request: the caller is told that it is wrong, and nothing is kept. */
final class MalformedMessagesTest {
  private static final int MUTATIONS = 3_000;

  /** What a caller may be told; a mutation can change a name into one that is not there. */
  private static final Set<GrpcStatus> CALLERS_FAULT =
      EnumSet.of(
          GrpcStatus.INVALID_ARGUMENT,
          GrpcStatus.NOT_FOUND,
          GrpcStatus.FAILED_PRECONDITION,
          GrpcStatus.UNIMPLEMENTED);

  private static final Map<String, byte[]> VALID =
      Map.of(
          "Predict", PredictionServiceTest.request("half", 1, 2, 3).build().toByteArray(),
          "Predict#content",
              PredictionServiceTest.request("half", 1)
                  .putInputs(
                      "x",
                      TensorProtos.header(DType.FLOAT32, 1, 2)
                          .setTensorContent(ByteString.copyFrom(new byte[8]))
                          .build())
                  .addOutputFilter("y")
                  .build()
                  .toByteArray(),
          "Classify",
              ClassificationRequest.newBuilder()
                  .setModelSpec(spec("classify_labelled"))
                  .setInput(PredictionServiceTest.examples(1, 30))
                  .build()
                  .toByteArray(),
          "Regress",
              RegressionRequest.newBuilder()
                  .setModelSpec(spec("regress_x_to_y"))
                  .setInput(PredictionServiceTest.examples(1, 30))
                  .build()
                  .toByteArray(),
          "MultiInference",
              MultiInferenceRequest.newBuilder()
                  .addTasks(task("regress_x_to_y", "tensorflow/serving/regress"))
                  .addTasks(task("classify_labelled", "tensorflow/serving/classify"))
                  .setInput(PredictionServiceTest.examples(1, 30))
                  .build()
                  .toByteArray(),
          "GetModelMetadata",
              GetModelMetadataRequest.newBuilder()
                  .setModelSpec(ModelSpec.newBuilder().setName("half"))
                  .addMetadataField("signature_def")
                  .build()
                  .toByteArray());

  private final long liveBytesBefore = NativeMemory.liveBytes();
  private final FakeLoop loop = new FakeLoop(1 << 20);
  private final StaticModels models =
      new StaticModels(InlineRunner.FACTORY)
          .add("half", 1, new HalfPlusTwo())
          .add("examples", 1, new ExamplesModel());
  private final Predictor spine =
      (request, reply) -> request.lease().predictor().predict(request, reply);
  private final Map<String, UnaryHandler> methods =
      new PredictionService(models, spine, (request, failure) -> {}, false)
          .methods().stream()
              .map(GrpcMethod.Unary.class::cast)
              .collect(
                  Collectors.toMap(
                      method -> method.fullName().substring(ServingFixture.PREDICTION.length()),
                      GrpcMethod.Unary::handler));

  @AfterEach
  void nothingIsKept() {
    models.close();
    loop.close();
    assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytesBefore);
  }

  @Test
  void answersTheValidOnes() {
    VALID.forEach(
        (name, message) -> assertThat(call(name, message)).as(name).isEqualTo(GrpcStatus.OK));
  }

  @Test
  void refusesEveryTruncation() {
    VALID.forEach((name, message) -> {
      for (int length = 0; length < message.length; length++) {
        assertFair(name, Arrays.copyOf(message, length), "length " + length);
      }
    });
  }

  @Test
  void refusesOrAnswersEveryMutation() {
    mutate(random ->
        message -> {
          byte[] mutated = message.clone();
          for (int i = random.nextInt(3); i >= 0; i--) {
            mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
          }
          return mutated;
        });
  }

  @Test
  void refusesOrAnswersEveryInsertionAndRepetition() {
    mutate(random ->
        message -> {
          int from = random.nextInt(message.length);
          int to = from + random.nextInt(message.length - from);
          byte[] mutated = Arrays.copyOf(message, message.length + to - from);
          System.arraycopy(message, from, mutated, to, message.length - from);
          return mutated;
        });
  }

  private void mutate(Function<Random, Function<byte[], byte[]>> mutation) {
    VALID.forEach((name, message) -> {
      for (int seed = 0; seed < MUTATIONS; seed++) {
        byte[] mutated = mutation.apply(new Random(seed)).apply(message);
        assertFair(name, mutated, "seed " + seed);
      }
    });
  }

  private void assertFair(String name, byte[] message, String how) {
    GrpcStatus status = call(name, message);
    assertThat(status == GrpcStatus.OK || CALLERS_FAULT.contains(status))
        .as("%s, %s: %s", name, how, status)
        .isTrue();
    assertThat(models.openLeases()).as("%s, %s", name, how).isZero();
  }

  private GrpcStatus call(String name, byte[] message) {
    FakeCall call = new FakeCall(loop);
    ByteBuf buffer = Unpooled.directBuffer(message.length).writeBytes(message);
    try {
      Objects.requireNonNull(methods.get(name.replaceFirst("#.*", ""))).handle(call, buffer);
    } finally {
      buffer.release();
    }
    assertThat(call.isAnswered()).isTrue();
    return call.status();
  }

  private static ModelSpec spec(String signature) {
    return ModelSpec.newBuilder().setName("examples").setSignatureName(signature).build();
  }

  private static InferenceTask task(String signature, String method) {
    return InferenceTask.newBuilder().setModelSpec(spec(signature)).setMethodName(method).build();
  }
}
