package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.salver.server.oip.proto.InferParameter;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.oip.proto.ModelInferRequest.InferInputTensor;
import io.salver.server.oip.proto.ModelInferRequest.InferRequestedOutputTensor;
import io.salver.server.oip.proto.ModelInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Predictions whose tensors lie in shared memory. */
class OipSharedMemoryTest {
  private static final String KEY = "salver-infer-" + ProcessHandle.current().pid();
  private static final Path OBJECT = Path.of("/dev/shm", KEY);
  private static final int OUTPUT_AT = 1_024;
  private static final int REGION_BYTES = 256;

  private static RunningServer server;

  @BeforeAll
  static void start() throws Exception {
    server =
        RunningServer.start(
            "--model_name=" + HalfPlusTwoCalls.NAME,
            "--model_base_path=" + HalfPlusTwoCalls.directory(),
            "--allow-client-shm");
  }

  @AfterAll
  static void stop() throws Exception {
    Files.deleteIfExists(OBJECT);
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void register() throws Exception {
    Files.write(OBJECT, new byte[4_096]);
    assertThat(server.rest().post("/v2/systemsharedmemory/unregister", "").status()).isEqualTo(200);
    register("in", 0);
    register("out", OUTPUT_AT);
  }

  private static void register(String region, int offset) throws Exception {
    String body =
        "{\"key\": \"/%s\", \"offset\": %d, \"byte_size\": %d}"
            .formatted(KEY, offset, REGION_BYTES);
    RestClient.Answer answer =
        server.rest().post("/v2/systemsharedmemory/region/" + region + "/register", body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private static void write(int at, float... values) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    try (FileChannel channel = FileChannel.open(OBJECT, StandardOpenOption.WRITE)) {
      channel.write(bytes.flip(), at);
    }
  }

  private static float[] read(int at, int count) throws Exception {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(OBJECT)).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = bytes.getFloat(at + 4 * i);
    }
    return values;
  }

  private static RestClient.Answer infer(String inputs, String outputs) throws Exception {
    return server
        .rest()
        .post(
            "/v2/models/" + HalfPlusTwoCalls.NAME + "/infer",
            "{\"inputs\":[" + inputs + "]" + outputs + "}");
  }

  private static String input(int rows, String region, String offset, String size) {
    return "{\"name\":\"x\",\"shape\":[%d],\"datatype\":\"FP32\",\"parameters\":{%s}}"
        .formatted(
            rows,
            "\"shared_memory_region\":\"%s\",\"shared_memory_offset\":%s,".formatted(region, offset)
                + "\"shared_memory_byte_size\":"
                + size);
  }

  @Test
  void bothTensorsMayLieInSharedMemoryByRest() throws Exception {
    write(16, 1, 2, 5);
    RestClient.Answer answer =
        infer(
            input(3, "in", "16", "12"),
            ",\"outputs\":[{\"name\":\"y\",\"parameters\":{\"shared_memory_region\":\"out\","
                + "\"shared_memory_offset\":4,\"shared_memory_byte_size\":12}}]");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).doesNotContain("\"data\"").contains("shared_memory_region");
    assertThat(read(OUTPUT_AT + 4, 3)).containsExactly(2.5f, 3f, 4.5f);
    assertThat(read(OUTPUT_AT, 1)).containsExactly(0);
    assertThat(read(OUTPUT_AT + 16, 1)).containsExactly(0);
  }

  @Test
  void bothTensorsMayLieInSharedMemoryByGrpc() throws Exception {
    write(0, 10, 20);
    ModelInferResponse answer = server.grpc().call(OipControlCalls.INFER, request(8, "out"));
    assertThat(answer.getOutputs(0).getName()).isEqualTo("y");
    assertThat(answer.getRawOutputContentsList()).allMatch(raw -> raw.isEmpty());
    assertThat(read(OUTPUT_AT, 2)).containsExactly(7f, 12f);
  }

  private static ModelInferRequest request(long inputBytes, String outputRegion) {
    return ModelInferRequest.newBuilder()
        .setModelName(HalfPlusTwoCalls.NAME)
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addShape(2)
                .putAllParameters(region("in", inputBytes)))
        .addOutputs(
            InferRequestedOutputTensor.newBuilder()
                .setName("y")
                .putAllParameters(region(outputRegion, 8)))
        .build();
  }

  private static Map<String, InferParameter> region(String name, long size) {
    return Map.of(
        "shared_memory_region", InferParameter.newBuilder().setStringParam(name).build(),
        "shared_memory_byte_size", InferParameter.newBuilder().setInt64Param(size).build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          absent | 0 | 8 | 404 | Unable to find shared memory region: 'absent'
          in | 256 | 8 | 400 | Invalid offset for shared memory region: 'in'
          in | 252 | 8 | 400 | Invalid offset + byte size for shared memory region: 'in'
          in | 9223372036854775807 | 8 | 400 | Invalid offset
          in | 8 | 9223372036854775807 | 400 | 9223372036854775807
          in | 0 | 7 | 400 | 7
          in | 0 | 12 | 400 | 12
          """)
  void inputsThatDoNotLieInTheRegionAreRefused(
      String region, String offset, String size, int status, String message) throws Exception {
    RestClient.Answer answer = infer(input(2, region, offset, size), "");
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.error()).contains(message);
  }

  @Test
  void aRegionThatIsTooSmallForTheOutputIsLeftAsItIs() throws Exception {
    write(0, 1, 2, 3);
    RestClient.Answer answer =
        infer(
            input(3, "in", "0", "12"),
            ",\"outputs\":[{\"name\":\"y\",\"parameters\":{\"shared_memory_region\":\"out\","
                + "\"shared_memory_byte_size\":8}}]");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error()).contains("(8 bytes) should be at least 12 bytes");
    assertThat(read(OUTPUT_AT, 3)).containsOnly(0);
  }

  @Test
  void anObjectThatIsCutShortFailsItsRequestsOnly() throws Exception {
    try (FileChannel channel = FileChannel.open(OBJECT, StandardOpenOption.WRITE)) {
      channel.truncate(4);
    }
    RestClient.Answer answer = infer(input(2, "in", "0", "8"), "");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error()).contains("its object ends after 4 bytes");
    assertThatThrownBy(() -> server.grpc().call(OipControlCalls.INFER, request(8, "out")))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
    RestClient.Answer good =
        infer("{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[3]}", "");
    assertThat(good.status()).as(good.body()).isEqualTo(200);
  }
}
