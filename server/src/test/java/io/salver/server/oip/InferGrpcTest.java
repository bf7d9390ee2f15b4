package io.salver.server.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.salver.server.oip.proto.InferParameter;
import io.salver.server.oip.proto.InferTensorContents;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.oip.proto.ModelInferRequest.InferInputTensor;
import io.salver.server.oip.proto.ModelInferRequest.InferRequestedOutputTensor;
import io.salver.server.oip.proto.ModelInferResponse;
import io.salver.server.oip.proto.ModelMetadataRequest;
import io.salver.server.oip.proto.ModelMetadataResponse;
import io.salver.server.oip.proto.ModelReadyRequest;
import io.salver.server.oip.proto.ModelReadyResponse;
import io.salver.server.oip.proto.ServerLiveRequest;
import io.salver.server.oip.proto.ServerLiveResponse;
import io.salver.server.oip.proto.ServerMetadataRequest;
import io.salver.server.oip.proto.ServerMetadataResponse;
import io.salver.server.oip.proto.ServerReadyRequest;
import io.salver.server.oip.proto.ServerReadyResponse;
import io.salver.tensor.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class InferGrpcTest {
  private final long liveBytesBefore = NativeMemory.liveBytes();
  private final OipFixture server = new OipFixture();

  @AfterEach
  void everythingIsGivenBack() {
    server.settle();
    assertThat(server.models.openLeases()).isZero();
    server.close();
    assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytesBefore);
  }

  static ByteString floats(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return ByteString.copyFrom(bytes.flip());
  }

  static InferInputTensor.Builder input(String name, String datatype, long... shape) {
    InferInputTensor.Builder input =
        InferInputTensor.newBuilder().setName(name).setDatatype(datatype);
    for (long dim : shape) {
      input.addShape(dim);
    }
    return input;
  }

  static ModelInferRequest.Builder half(float... values) {
    return ModelInferRequest.newBuilder()
        .setModelName("half")
        .addInputs(input("x", "FP32", values.length))
        .addRawInputContents(floats(values));
  }

  private static InferParameter number(long value) {
    return InferParameter.newBuilder().setInt64Param(value).build();
  }

  private static InferParameter truth(boolean value) {
    return InferParameter.newBuilder().setBoolParam(value).build();
  }

  private void assertRefused(ModelInferRequest.Builder request, Status.Code code, String text) {
    StatusRuntimeException refusal =
        catchThrowableOfType(StatusRuntimeException.class, () -> server.infer(request.build()));
    assertThat(refusal).as(text).isNotNull();
    assertThat(refusal.getStatus().getDescription()).contains(text);
    assertThat(refusal.getStatus().getCode()).isEqualTo(code);
  }

  private void assertInvalid(ModelInferRequest.Builder request, String text) {
    assertRefused(request, Status.Code.INVALID_ARGUMENT, text);
  }

  @Test
  void answersRawContentsRaw() {
    ModelInferResponse answer = server.infer(half(1, 2, 5).setId("a-1").build());
    assertThat(answer.getModelName()).isEqualTo("half");
    assertThat(answer.getModelVersion()).isEqualTo("123");
    assertThat(answer.getId()).isEqualTo("a-1");
    assertThat(answer.getParametersCount()).isZero();
    assertThat(answer.getOutputsList()).hasSize(1);
    assertThat(answer.getOutputs(0).getName()).isEqualTo("y");
    assertThat(answer.getOutputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(answer.getOutputs(0).getShapeList()).containsExactly(3L);
    assertThat(answer.getOutputs(0).hasContents()).isFalse();
    assertThat(answer.getRawOutputContentsList()).containsExactly(floats(2.5f, 3f, 4.5f));
    assertThat(server.observed).containsExactly("PREDICT half/123 OK");
  }

  @Test
  void answersTypedContentsRawToo() {
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName("half")
            .setModelVersion("122")
            .addInputs(
                input("x", "FP32", 2)
                    .setContents(
                        InferTensorContents.newBuilder().addFp32Contents(1).addFp32Contents(2)))
            .build();
    ModelInferResponse answer = server.infer(request);
    assertThat(answer.getModelVersion()).isEqualTo("122");
    assertThat(answer.getRawOutputContentsList()).containsExactly(floats(2.5f, 3f));
  }

  @Test
  void readsValuesThatAreNotPacked() {
    UnknownFieldSet unpacked =
        UnknownFieldSet.newBuilder()
            .addField(
                6,
                UnknownFieldSet.Field.newBuilder()
                    .addFixed32(Float.floatToIntBits(1))
                    .addFixed32(Float.floatToIntBits(2))
                    .build())
            .build();
    InferInputTensor.Builder input =
        InferInputTensor.newBuilder()
            .setName("x")
            .setDatatype("FP32")
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(3, UnknownFieldSet.Field.newBuilder().addVarint(2).build())
                    .build())
            .setContents(InferTensorContents.newBuilder().setUnknownFields(unpacked));
    ModelInferResponse answer =
        server.infer(ModelInferRequest.newBuilder().setModelName("half").addInputs(input).build());
    assertThat(answer.getRawOutputContentsList()).containsExactly(floats(2.5f, 3f));
  }

  @Test
  void answersTheOutputsThatAreAskedFor() {
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName("pair")
            .addInputs(
                input("numbers", "INT32", 1, 2)
                    .setContents(
                        InferTensorContents.newBuilder().addIntContents(-1).addIntContents(7)))
            .addOutputs(InferRequestedOutputTensor.newBuilder().setName("numbers"))
            .build();
    ModelInferResponse answer = server.infer(request);
    assertThat(answer.getOutputsList())
        .extracting(ModelInferResponse.InferOutputTensor::getName)
        .containsExactly("numbers");
    assertThat(
            answer
                .getRawOutputContents(0)
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt(4))
        .isEqualTo(7);
  }

  @Test
  void namesTheHighestClasses() {
    ModelInferRequest request =
        half(0, 8, 4, 8)
            .addOutputs(
                InferRequestedOutputTensor.newBuilder()
                    .setName("y")
                    .putParameters("classification", number(3)))
            .build();
    ModelInferResponse answer = server.infer(request);
    assertThat(answer.getOutputs(0).getDatatype()).isEqualTo("BYTES");
    assertThat(answer.getOutputs(0).getShapeList()).containsExactly(3L);
    assertThat(strings(answer.getRawOutputContents(0)))
        .containsExactly("6.000000:1", "6.000000:3", "4.000000:2");
  }

  static List<String> strings(ByteString raw) {
    ByteBuffer bytes = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    List<String> strings = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] string = new byte[bytes.getInt()];
      bytes.get(string);
      strings.add(new String(string, StandardCharsets.UTF_8));
    }
    return strings;
  }

  @Test
  void letsParametersPassThatMeanNothingHere() {
    ModelInferRequest request =
        half(2)
            .putParameters("triton_enable_empty_final_response", truth(true))
            .putParameters("sequence_id", number(17))
            .putParameters("sequence_start", truth(true))
            .putParameters("sequence_end", truth(false))
            .putParameters("priority", InferParameter.newBuilder().setUint64Param(1).build())
            .putParameters("timeout", number(5_000_000))
            .putParameters("mine", InferParameter.newBuilder().setDoubleParam(0.5).build())
            .putParameters("empty", InferParameter.getDefaultInstance())
            .build();
    ModelInferResponse answer = server.infer(request);
    assertThat(answer.getRawOutputContents(0)).isEqualTo(floats(3));
    assertThat(answer.getParametersCount()).isZero();
  }

  @Test
  void refusesParametersOfTheWrongKind() {
    assertInvalid(
        half(2).putParameters("priority", truth(true)),
        "parameter 'priority': true (expected: an integer from 0 to 2^63 - 1)");
    assertInvalid(half(2).putParameters("timeout", number(-1)), "parameter 'timeout': -1");
    assertInvalid(
        half(2).putParameters("sequence_start", number(1)),
        "parameter 'sequence_start': 1 (expected: true or false)");
    assertInvalid(half(2).putParameters("sequence_id", truth(true)), "'sequence_id': true");
    assertInvalid(
        half(2).putParameters("triton_final_response", truth(true)),
        "parameter keys starting with 'triton_' are reserved");
    assertInvalid(
        half(2)
            .putParameters(
                "signature_name", InferParameter.newBuilder().setStringParam("z").build()),
        "parameter 'signature_name': z (expected: one of [serving_default]");
  }

  @Test
  void refusesWhatIsNotThere() {
    assertRefused(
        half(2).setModelName("nobody"),
        Status.Code.NOT_FOUND,
        "Request for unknown model: 'nobody' is not found");
    assertRefused(
        half(2).setModelVersion("9"),
        Status.Code.UNAVAILABLE,
        "Request for unknown model: 'half' version 9 is not at ready state");
    assertInvalid(
        half(2).setModelVersion("latest"),
        "failed to get model version from specified version string 'latest'");
    assertThat(server.observed)
        .containsExactly(
            "PREDICT nobody refused NOT_FOUND",
            "PREDICT half refused UNAVAILABLE",
            "PREDICT  refused INVALID_ARGUMENT");
  }

  @Test
  void refusesInputsThatAreNotTheModels() {
    assertInvalid(
        ModelInferRequest.newBuilder().setModelName("pair"),
        "expected 2 inputs but got 0 inputs for model 'pair'. Got input(s) [], but missing"
            + " required input(s) ['numbers']. Please provide all required input(s).");
    assertInvalid(
        half(2).addInputs(input("z", "FP32", 1)).addRawInputContents(floats(1)),
        "unexpected inference input 'z' for model 'half'");
    assertInvalid(
        half(2).addInputs(input("x", "FP32", 1)).addRawInputContents(floats(1)),
        "input 'x' already exists in request");
    assertInvalid(
        half(2).setInputs(0, input("x", "FP64", 1)),
        "inference input 'x' data-type is 'FP64', but model 'half' expects 'FP32'");
    assertInvalid(half(2).setInputs(0, input("x", "", 1)), "data-type is ''");
    assertInvalid(
        half(2).addOutputs(InferRequestedOutputTensor.newBuilder().setName("z")),
        "unexpected inference output 'z' for model 'half'");
    assertInvalid(
        half(2)
            .addOutputs(InferRequestedOutputTensor.newBuilder().setName("y"))
            .addOutputs(InferRequestedOutputTensor.newBuilder().setName("y")),
        "inference output 'y' requested twice");
  }

  @Test
  void refusesSizesThatDoNotFit() {
    assertInvalid(
        half(1, 2).setInputs(0, input("x", "FP32", 3)),
        "input byte size mismatch for input 'x' for model 'half'. Expected 12, got 8");
    assertInvalid(
        half(1).setInputs(0, input("x", "FP32", -1)),
        "dimension 0 of shape is -1 (expected: >= 0)");
    assertInvalid(
        half(1).setInputs(0, input("x", "FP32", 1L << 40, 1L << 40)),
        "(expected: a product below 2^63)");
    assertInvalid(
        half(1).setInputs(0, input("x", "FP32", Long.MAX_VALUE)),
        "(expected: a size below 2^63 bytes)");
    assertInvalid(
        half(1).setInputs(0, input("x", "FP32", 1L << 50)), "Expected 4503599627370496, got 4");
    assertInvalid(half(1).setInputs(0, input("x", "FP32", new long[300])), "at most 254");
  }

  @Test
  void refusesContentsThatContradictEachOther() {
    InferTensorContents one = InferTensorContents.newBuilder().addFp32Contents(1).build();
    assertInvalid(
        half(1).setInputs(0, input("x", "FP32", 1).setContents(one)),
        "contents field must not be specified when using raw_input_contents for 'x' for model"
            + " 'half'");
    assertInvalid(
        half(1).addRawInputContents(floats(1)),
        "raw_input_contents: 2 for 1 inputs of model 'half'");
    assertInvalid(
        half(1).clearRawInputContents(), "contents of 0 elements (expected: 1 for shape [1])");
    assertInvalid(
        typed(input("x", "FP32", 2).setContents(one)),
        "contents of 1 elements (expected: 2 for shape [2])");
    assertInvalid(
        typed(input("x", "FP32", 1).setContents(one.toBuilder().addFp32Contents(2).build())),
        "contents of at least 2 elements");
    assertInvalid(
        typed(
            input("x", "FP32", 1).setContents(InferTensorContents.newBuilder().addIntContents(1))),
        "contents in field 2 (expected: field 6, which holds those of FP32)");
  }

  private static ModelInferRequest.Builder typed(InferInputTensor.Builder input) {
    return ModelInferRequest.newBuilder().setModelName("half").addInputs(input);
  }

  @Test
  void refusesValuesThatTheTypeDoesNotHold() {
    assertInvalid(
        ModelInferRequest.newBuilder()
            .setModelName("echo_INT8")
            .addInputs(
                input("x", "INT8", 1)
                    .setContents(InferTensorContents.newBuilder().addIntContents(128))),
        "contents: 128 (expected: a value of INT8)");
    assertInvalid(
        ModelInferRequest.newBuilder()
            .setModelName("echo_UINT16")
            .addInputs(
                input("x", "UINT16", 1)
                    .setContents(InferTensorContents.newBuilder().addUintContents(-1))),
        "contents: 4294967295 (expected: a value of UINT16)");
    assertInvalid(
        ModelInferRequest.newBuilder()
            .setModelName("echo_FP16")
            .addInputs(input("x", "FP16", 1).setContents(InferTensorContents.newBuilder())),
        "contents of FP16 (expected: raw_input_contents)");
    assertInvalid(
        ModelInferRequest.newBuilder()
            .setModelName("echo_BOOL")
            .addInputs(input("x", "BOOL", 1))
            .addRawInputContents(ByteString.copyFrom(new byte[] {2})),
        "byte 0 is 2 (expected: 0 or 1)");
  }

  @Test
  void refusesStringsThatRunOver() {
    for (byte[] raw :
        List.of(
            new byte[] {},
            new byte[] {1, 0, 0},
            new byte[] {1, 0, 0, 0},
            new byte[] {2, 0, 0, 0, 'a'},
            new byte[] {-1, -1, -1, -1, 'a'},
            new byte[] {1, 0, 0, 0, 'a', 'b'},
            new byte[] {1, 0, 0, 0, 'a', 0, 0, 0, 0})) {
      assertInvalid(
          ModelInferRequest.newBuilder()
              .setModelName("echo_BYTES")
              .addInputs(input("x", "BYTES", 1))
              .addRawInputContents(ByteString.copyFrom(raw)),
          "input 'x' for model 'echo_BYTES': ");
    }
    assertInvalid(
        ModelInferRequest.newBuilder()
            .setModelName("echo_BYTES")
            .addInputs(input("x", "BYTES", 1L << 60))
            .addRawInputContents(ByteString.copyFrom(new byte[8])),
        "a length of 4 bytes for each of BYTES[1152921504606846976]");
  }

  @Test
  void answersAnEmptyTensor() {
    ModelInferResponse answer = server.infer(half().build());
    assertThat(answer.getOutputs(0).getShapeList()).containsExactly(0L);
    assertThat(answer.getRawOutputContentsList()).containsExactly(ByteString.EMPTY);
  }

  @Test
  void saysWhatTheServerIs() {
    assertThat(
            server
                .call(
                    "ServerLive",
                    ServerLiveRequest.getDefaultInstance(),
                    ServerLiveResponse.parser())
                .getLive())
        .isTrue();
    assertThat(
            server
                .call(
                    "ServerReady",
                    ServerReadyRequest.getDefaultInstance(),
                    ServerReadyResponse.parser())
                .getReady())
        .isTrue();
    ServerMetadataResponse metadata =
        server.call(
            "ServerMetadata",
            ServerMetadataRequest.getDefaultInstance(),
            ServerMetadataResponse.parser());
    assertThat(metadata.getName()).isEqualTo("salver");
    assertThat(metadata.getVersion()).isEqualTo("1.2.3");
    assertThat(metadata.getExtensionsList())
        .contains("classification", "binary_tensor_data", "parameters");
  }

  @Test
  void saysWhatAModelTakes() {
    ModelMetadataResponse metadata =
        server.call(
            "ModelMetadata",
            ModelMetadataRequest.newBuilder().setName("half").build(),
            ModelMetadataResponse.parser());
    assertThat(metadata.getVersionsList()).containsExactly("122", "123");
    assertThat(metadata.getInputs(0).getName()).isEqualTo("x");
    assertThat(metadata.getInputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(metadata.getInputs(0).getShapeList()).containsExactly(-1L);
    assertThat(metadata.getOutputs(0).getName()).isEqualTo("y");
    assertThat(
            server
                .call(
                    "ModelMetadata",
                    ModelMetadataRequest.newBuilder().setName("half").setVersion("122").build(),
                    ModelMetadataResponse.parser())
                .getVersionsList())
        .containsExactly("122");
    StatusRuntimeException refusal =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                server.call(
                    "ModelMetadata",
                    ModelMetadataRequest.newBuilder().setName("nobody").build(),
                    ModelMetadataResponse.parser()));
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void saysWhetherAModelIsReady() {
    for (String version : List.of("", "122")) {
      assertThat(isReady("half", version)).as(version).isTrue();
    }
    for (String version : List.of("1", "x", "-1")) {
      assertThat(isReady("half", version)).as(version).isFalse();
    }
    assertThat(isReady("nobody", "")).isFalse();
  }

  private boolean isReady(String model, String version) {
    return server
        .call(
            "ModelReady",
            ModelReadyRequest.newBuilder().setName(model).setVersion(version).build(),
            ModelReadyResponse.parser())
        .getReady();
  }
}
