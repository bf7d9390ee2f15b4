package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.salver.server.tfserving.proto.DataType;
import io.salver.server.tfserving.proto.ModelSpec;
import io.salver.server.tfserving.proto.PredictRequest;
import io.salver.server.tfserving.proto.TensorProto;
import io.salver.server.tfserving.proto.TensorShapeProto;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Bad requests by gRPC: each ends with a status that says why, and the server lives on. */
class BadGrpcInputTest {
  private static final String PREDICT = "/tensorflow.serving.PredictionService/Predict";
  private static final long HUGE = 1L << 40;

  @TempDir static Path temporary;

  private static SmallServer small;

  @BeforeAll
  static void start() throws Exception {
    small = SmallServer.start(temporary);
  }

  @AfterAll
  static void stop() throws Exception {
    try (SmallServer closing = small) {
      closing.assertKeptNothing();
    }
  }

  @AfterEach
  void theServerLivesOn() throws Exception {
    small.assertServes();
  }

  private static DynamicTest bad(
      String name, PredictRequest.Builder request, Status.Code code, String... texts) {
    return dynamicTest(
        name,
        () -> {
          StatusRuntimeException e =
              catchThrowableOfType(
                  StatusRuntimeException.class,
                  () -> small.server().grpc().call(GrpcClient.PREDICT, request.build()));
          assertThat(e).isNotNull();
          assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(code);
          assertThat(e.getStatus().getDescription()).contains(texts);
          small.assertServes();
        });
  }

  private static PredictRequest.Builder request(Consumer<ModelSpec.Builder> spec) {
    PredictRequest.Builder request = HalfPlusTwoCalls.request(1).toBuilder();
    spec.accept(request.getModelSpecBuilder());
    return request;
  }

  private static PredictRequest.Builder x(TensorProto.Builder tensor, long... dims) {
    TensorShapeProto.Builder shape = tensor.getTensorShapeBuilder();
    for (long dim : dims) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(dim));
    }
    return HalfPlusTwoCalls.request(1).toBuilder().putInputs("x", tensor.build());
  }

  private static TensorProto.Builder floats(float... values) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setDtype(DataType.DT_FLOAT);
    for (float value : values) {
      tensor.addFloatVal(value);
    }
    return tensor;
  }

  private static TensorProto.Builder content(int length) {
    return floats().setTensorContent(ByteString.copyFrom(new byte[length]));
  }

  @TestFactory
  Stream<DynamicTest> requestsForWhatIsNotThereSayWhatIsMissing() {
    return Stream.of(
        bad(
            "unknown model",
            request(spec -> spec.setName("none")),
            Status.Code.NOT_FOUND,
            "Servable not found for request: Latest(none)"),
        bad(
            "unknown version",
            request(spec -> spec.setVersion(Int64Value.of(99))),
            Status.Code.NOT_FOUND,
            "Servable not found for request: Specific(half_plus_two, 99)"),
        bad(
            "unknown label",
            request(spec -> spec.setVersionLabel("none")),
            Status.Code.INVALID_ARGUMENT,
            "Unrecognized servable version label: none"),
        bad(
            "unknown signature",
            request(spec -> spec.setSignatureName("none")),
            Status.Code.FAILED_PRECONDITION,
            "Serving signature key \"none\" not found."),
        bad("no model", PredictRequest.newBuilder(), Status.Code.INVALID_ARGUMENT, "ModelSpec"),
        bad(
            "unknown input",
            HalfPlusTwoCalls.request(1).toBuilder()
                .removeInputs("x")
                .putInputs("z", floats(1).build()),
            Status.Code.INVALID_ARGUMENT,
            "x(feed name: x) not found in request",
            "{z}"),
        bad(
            "an input too many",
            HalfPlusTwoCalls.request(1).toBuilder().putInputs("z", floats(1).build()),
            Status.Code.INVALID_ARGUMENT,
            "input size does not match signature",
            "Sent extra: {z}"),
        bad(
            "unknown output",
            HalfPlusTwoCalls.request(1).toBuilder().addOutputFilter("z"),
            Status.Code.INVALID_ARGUMENT,
            "output tensor alias not found in signature: z"));
  }

  @TestFactory
  Stream<DynamicTest> tensorsThatDisagreeWithThemselvesAreRefused() {
    Status.Code invalid = Status.Code.INVALID_ARGUMENT;
    return Stream.of(
        bad("too many values", x(floats(1, 2, 3), 2), invalid, "3", "2"),
        bad("too little content", x(content(4), 2), invalid, "4", "8"),
        bad("too much content", x(content(12), 2), invalid, "12", "8"),
        bad("odd content", x(content(7), 2), invalid, "7", "8"),
        bad("negative dim", x(floats(1), -1), invalid, "-1"),
        bad("two negative dims", x(floats(1), -1, -1), invalid, "-1"),
        bad("dims that overflow to a small number", x(content(4), 1L << 62, 4, 1), invalid, "x"),
        bad("dims that overflow to nothing", x(content(0), 1L << 32, 1L << 32), invalid, "x"),
        bad("dims that overflow to below nothing", x(content(4), Long.MAX_VALUE, 2), invalid, "x"),
        bad("unknown rank", x(unknownRank()), invalid, "x"),
        bad(
            "a string",
            x(
                TensorProto.newBuilder()
                    .setDtype(DataType.DT_STRING)
                    .addStringVal(ByteString.copyFromUtf8("1")),
                1),
            invalid,
            "x"),
        bad(
            "an int",
            x(TensorProto.newBuilder().setDtype(DataType.DT_INT32).addIntVal(1), 1),
            invalid,
            "x"),
        bad("no dtype", x(TensorProto.newBuilder().addFloatVal(1), 1), invalid, "x"),
        bad(
            "a dtype that there is not",
            x(TensorProto.newBuilder().setDtypeValue(77), 1),
            invalid,
            "77"),
        bad("a rank that the model does not take", x(floats(1, 2), 2, 1), invalid, "x"));
  }

  private static TensorProto.Builder unknownRank() {
    return floats(1).setTensorShape(TensorShapeProto.newBuilder().setUnknownRank(true));
  }

  @Test
  void oneValueThatWouldFillTheMemoryIsRefused() {
    StatusRuntimeException e =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> small.server().grpc().call(GrpcClient.PREDICT, x(floats(1), HUGE).build()));
    assertThat(e.getStatus().getCode())
        .as(e.toString())
        .isIn(Status.Code.INVALID_ARGUMENT, Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void aMessageThatIsTooLargeIsRefused() {
    StatusRuntimeException e =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                small
                    .server()
                    .grpc()
                    .call(
                        GrpcClient.PREDICT,
                        x(content(SmallServer.LARGEST_REQUEST), SmallServer.LARGEST_REQUEST / 4)
                            .build()));
    assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(e.getStatus().getDescription())
        .contains(Integer.toString(SmallServer.LARGEST_REQUEST));
  }

  private static Map<String, String> answer(byte[] body, String... headers) throws Exception {
    try (RawHttp2 call = new RawHttp2(small.server().grpcPort())) {
      call.begin(PREDICT, headers);
      call.data(body, true);
      return call.answer();
    }
  }

  private static void assertFails(byte[] body, String... headers) throws Exception {
    Map<String, String> answer = answer(body, headers);
    assertThat(answer).containsKey("grpc-status").doesNotContainKey("data");
    assertThat(answer.get("grpc-status")).as(answer.toString()).isNotIn("0", "2");
    small.assertServes();
  }

  @Test
  void theRawClientIsAnsweredIfItDoesWell() throws Exception {
    byte[] request = HalfPlusTwoCalls.request(1).toByteArray();
    assertThat(answer(RawHttp2.message(0, request.length, request)))
        .containsEntry("grpc-status", "0")
        .containsKey("data");
  }

  @Test
  void framesWithAWrongLengthFail() throws Exception {
    byte[] request = HalfPlusTwoCalls.request(1).toByteArray();
    for (int length :
        new int[] {
          0,
          1,
          request.length - 1,
          request.length + 1,
          request.length + 100,
          1 << 30,
          -1,
          Integer.MIN_VALUE
        }) {
      assertFails(RawHttp2.message(0, length, request));
    }
  }

  @Test
  void framesThatAreNoneFail() throws Exception {
    byte[] request = HalfPlusTwoCalls.request(1).toByteArray();
    byte[] good = RawHttp2.message(0, request.length, request);
    assertFails(new byte[0]);
    assertFails(new byte[] {0, 0, 0});
    assertFails(RawHttp2.message(7, request.length, request));
    assertFails(RawHttp2.message(1, request.length, request));
    assertFails(RawHttp2.message(1, request.length, request), "grpc-encoding", "gzip");
    assertFails(good, "grpc-encoding", "no-such-encoding", "grpc-timeout", "never");
    byte[] twice = Arrays.copyOf(good, 2 * good.length);
    System.arraycopy(good, 0, twice, good.length, good.length);
    assertFails(twice);
  }

  @Test
  void messagesThatAreCutOffAnywhereFail() throws Exception {
    byte[] request = HalfPlusTwoCalls.request(1).toByteArray();
    for (int length = 0; length < request.length; length++) {
      byte[] cut = Arrays.copyOf(request, length);
      Map<String, String> answer = answer(RawHttp2.message(0, length, cut));
      assertThat(answer.get("grpc-status")).as(length + ": " + answer).isNotIn("0", "2", null);
    }
  }

  @Test
  void aMethodThatThereIsNotIsUnimplemented() throws Exception {
    try (RawHttp2 call = new RawHttp2(small.server().grpcPort())) {
      call.begin("/tensorflow.serving.PredictionService/Divine");
      call.data(new byte[5], true);
      assertThat(call.answer()).containsEntry("grpc-status", "12");
    }
  }

  @Test
  void clientsThatVanishWithinACallLeaveNothingBehind() throws Exception {
    byte[] request = HalfPlusTwoCalls.request(1).toByteArray();
    byte[] good = RawHttp2.message(0, request.length, request);
    long openFiles = small.server().openFiles();
    for (int length = 0; length <= good.length; length++) {
      try (RawHttp2 call = new RawHttp2(small.server().grpcPort())) {
        call.begin(PREDICT);
        call.data(Arrays.copyOf(good, length), false);
        call.vanish();
      }
    }
    small.assertKeptNothing();
    Await.until(
        "connections closed", SmallServer.RECOVERY, () -> small.server().openFiles() <= openFiles);
  }
}
