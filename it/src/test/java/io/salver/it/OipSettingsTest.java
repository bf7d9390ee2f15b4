package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.salver.server.oip.proto.CudaSharedMemoryRegisterRequest;
import io.salver.server.oip.proto.CudaSharedMemoryStatusRequest;
import io.salver.server.oip.proto.LogSettingsRequest;
import io.salver.server.oip.proto.SystemSharedMemoryRegisterRequest;
import io.salver.server.oip.proto.SystemSharedMemoryStatusRequest;
import io.salver.server.oip.proto.SystemSharedMemoryUnregisterRequest;
import io.salver.server.oip.proto.TraceSettingRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of the log and of traces, and regions of shared memory, where clients may have them. */
class OipSettingsTest {
  private static final String KEY = "salver-test-" + ProcessHandle.current().pid();
  private static final Path OBJECT = Path.of("/dev/shm", KEY);

  @TempDir static Path temporary;
  private static RunningServer server;

  @BeforeAll
  static void start() throws Exception {
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            models:
              - {name: %s, base_path: %s}
            model_repository: {control: explicit}
            oip: {shared_memory: true, settings: true}
            """
                .formatted(HalfPlusTwoCalls.NAME, HalfPlusTwoCalls.directory()));
    server = RunningServer.start("--config=" + config);
    Files.write(OBJECT, new byte[4_096]);
  }

  @AfterAll
  static void stop() throws Exception {
    Files.deleteIfExists(OBJECT);
    server.close();
  }

  @AfterEach
  void forgetRegions() throws Exception {
    assertThat(server.rest().post("/v2/systemsharedmemory/unregister", "").status()).isEqualTo(200);
  }

  private static JsonObject post(String path, String body) throws Exception {
    RestClient.Answer answer = server.rest().post(path, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json().getAsJsonObject();
  }

  @Test
  void aMoreVerboseLogSaysMore() throws Exception {
    JsonObject before = server.rest().get("/v2/logging").json().getAsJsonObject();
    assertThat(before.toString())
        .isEqualTo(
            "{\"log_file\":\"\",\"log_info\":true,\"log_warning\":true,\"log_error\":true,"
                + "\"log_verbose_level\":0,\"log_format\":\"default\"}");
    JsonObject verbose = post("/v2/logging", "{\"log_verbose_level\": 1, \"log_file\": null}");
    assertThat(verbose.get("log_verbose_level").getAsInt()).isEqualTo(1);
    String path = "/v2/repository/models/" + HalfPlusTwoCalls.NAME + "/";
    assertThat(server.rest().post(path + "load", "").status()).isEqualTo(200);
    server.process().awaitLine("is being loaded");

    JsonObject errors =
        post(
            "/v2/logging",
            "{\"log_verbose_level\": 0, \"log_info\": false, \"log_warning\": false}");
    assertThat(errors.get("log_warning").getAsBoolean()).isFalse();
    assertThat(errors.get("log_error").getAsBoolean()).isTrue();
    LogSettingsRequest again =
        LogSettingsRequest.newBuilder()
            .putSettings("log_info", bool(true))
            .putSettings("log_warning", bool(true))
            .build();
    assertThat(
            server
                .grpc()
                .call(OipControlCalls.LOG, again)
                .getSettingsOrThrow("log_info")
                .getBoolParam())
        .isTrue();
  }

  private static LogSettingsRequest.SettingValue bool(boolean value) {
    return LogSettingsRequest.SettingValue.newBuilder().setBoolParam(value).build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"log_file": "/tmp/x"} | 501 | log file location can not be updated through network protocol
          {"log_info": "yes"} | 400 | log_info: "yes" (expected: true or false)
          {"log_warning": false} | 400 | log_info: true beside log_warning: false
          {"log_error": false, "log_info": false} | 400 | log_warning: true beside log_error: false
          {"log_info": false, "log_verbose_level": 1} | 400 | log_verbose_level: 1 beside log_info: false
          {"log_verbose_level": -1} | 400 | log_verbose_level: -1 (expected: an unsigned number
          {"log_verbose_level": true} | 400 | log_verbose_level: true (expected: an unsigned number)
          {"log_format": "ISO8601"} | 400 | log_format: "ISO8601" (expected: default, as the format is set at start)
          {"log_colour": true} | 400 | log setting: "log_colour" (expected: one of log_info
          {"log_info": [true]} | 400 | log_info: [true]
          [] | 400 | JSON
          """)
  void logSettingsThatAreNoneAreRefusedAndChangeNothing(String body, int status, String message)
      throws Exception {
    RestClient.Answer answer = server.rest().post("/v2/logging", body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.error()).contains(message);
    assertThat(
            server
                .rest()
                .get("/v2/logging")
                .json()
                .getAsJsonObject()
                .get("log_info")
                .getAsBoolean())
        .isTrue();
  }

  @Test
  void tracesAreOffAndSayThatTheyAre() throws Exception {
    for (String path :
        new String[] {
          "/v2/trace/setting", "/v2/models/" + HalfPlusTwoCalls.NAME + "/trace/setting"
        }) {
      JsonObject settings = server.rest().get(path).json().getAsJsonObject();
      assertThat(settings.get("trace_level").toString()).isEqualTo("[\"OFF\"]");
      assertThat(settings.get("trace_rate").getAsString()).isEqualTo("1000");
      assertThat(settings.get("trace_count").getAsString()).isEqualTo("-1");
      assertThat(post(path, "{\"trace_level\": [\"OFF\"], \"trace_rate\": null}"))
          .isEqualTo(settings);
    }
    var byGrpc =
        server.grpc().call(OipControlCalls.TRACE, TraceSettingRequest.getDefaultInstance());
    assertThat(byGrpc.getSettingsOrThrow("trace_level").getValueList()).containsExactly("OFF");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /v2/trace/setting | {"trace_level": ["TIMESTAMPS"]} | 501 | trace_level: [TIMESTAMPS] (expected: [OFF], as requests are not traced)
          /v2/trace/setting | {"trace_file": "/tmp/x"} | 501 | trace file location can not be updated
          /v2/trace/setting | {"trace_speed": "1"} | 400 | trace setting: "trace_speed"
          /v2/trace/setting | {"trace_rate": 5} | 400 | trace_rate: 5 (expected: a string)
          /v2/models/absent/trace/setting | {} | 400 | Request for unknown model : absent
          """)
  void traceSettingsThatWouldHaveNoEffectAreRefused(
      String path, String body, int status, String message) throws Exception {
    RestClient.Answer answer = server.rest().post(path, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.error()).contains(message);
  }

  @Test
  void regionsAreRegisteredListedAndForgottenByBothProtocols() throws Exception {
    String body = "{\"key\": \"/" + KEY + "\", \"offset\": 64, \"byte_size\": 128}";
    assertThat(server.rest().post("/v2/systemsharedmemory/region/a/register", body).status())
        .isEqualTo(200);
    var unused =
        server
            .grpc()
            .call(
                OipControlCalls.SHM_REGISTER,
                SystemSharedMemoryRegisterRequest.newBuilder()
                    .setName("b")
                    .setKey("/" + KEY)
                    .setByteSize(4_096)
                    .build());

    assertThat(server.rest().get("/v2/systemsharedmemory/region/a/status").body())
        .isEqualTo("[{\"name\":\"a\",\"key\":\"/" + KEY + "\",\"offset\":64,\"byte_size\":128}]");
    assertThat(server.rest().get("/v2/systemsharedmemory/status").json().getAsJsonArray())
        .hasSize(2);
    var regions =
        server
            .grpc()
            .call(OipControlCalls.SHM_STATUS, SystemSharedMemoryStatusRequest.getDefaultInstance())
            .getRegionsMap();
    assertThat(regions).containsOnlyKeys("a", "b");
    assertThat(regions.get("a").getOffset()).isEqualTo(64);

    var gone =
        server
            .grpc()
            .call(
                OipControlCalls.SHM_UNREGISTER,
                SystemSharedMemoryUnregisterRequest.newBuilder().setName("b").build());
    assertThat(gone.getSerializedSize()).isZero();
    assertThat(server.rest().get("/v2/systemsharedmemory/region/b/status").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"offset": 0, "byte_size": 8} | Shared memory register request has no 'key' field
          {"key": "/KEY"} | Shared memory register request has no 'byte_size' field
          {"key": "/KEY", "byte_size": "8"} | byte_size: "8" (expected: an unsigned number of 64 bits)
          {"key": "/KEY", "byte_size": -8} | byte_size: -8 (expected: an unsigned number of 64 bits)
          {"key": "/KEY", "byte_size": 1e3} | byte_size: 1e3 (expected: an unsigned number of 64 bits)
          {"key": "/KEY", "byte_size": 4097} | byte_size 4097 (expected: byte_size > 0
          {"key": "/KEY", "offset": 18446744073709551615, "byte_size": 8} | offset 18446744073709551615
          {"key": "/../etc/passwd", "byte_size": 8} | key "/../etc/passwd" (expected: the name of a shared-memory object, as /name)
          {"key": "/absent", "byte_size": 8} | Unable to open shared memory region: '/absent'
          {"key": 1, "byte_size": 8} | key: 1 (expected: a string)
          """)
  void regionsThatAreNoneAreRefused(String body, String message) throws Exception {
    RestClient.Answer answer =
        server.rest().post("/v2/systemsharedmemory/region/r/register", body.replace("KEY", KEY));
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.error()).contains(message);
    assertThat(server.rest().get("/v2/systemsharedmemory/status").body()).isEqualTo("[]");
  }

  @Test
  void regionsOfAGpuCannotBeRegistered() throws Exception {
    assertThat(server.rest().get("/v2/cudasharedmemory/status").body()).isEqualTo("[]");
    RestClient.Answer answer =
        server.rest().post("/v2/cudasharedmemory/region/g/register", "{\"device_id\": 0}");
    assertThat(answer.status()).isEqualTo(501);
    String expected = "failed to register CUDA shared memory region: 'g', GPUs not supported";
    assertThat(answer.error()).isEqualTo(expected);
    assertThat(
            server
                .grpc()
                .call(
                    OipControlCalls.CUDA_STATUS, CudaSharedMemoryStatusRequest.getDefaultInstance())
                .getRegionsCount())
        .isZero();
    assertThatThrownBy(() ->
            server
                .grpc()
                .call(
                    OipControlCalls.CUDA_REGISTER,
                    CudaSharedMemoryRegisterRequest.newBuilder().setName("g").build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
              assertThat(e.getStatus().getDescription()).isEqualTo(expected);
            });
  }

  @Test
  void nothingOfThisIsAllowedUnlessItIsConfigured() throws Exception {
    try (RunningServer plain =
        RunningServer.start(
            "--model_name=" + HalfPlusTwoCalls.NAME,
            "--model_base_path=" + HalfPlusTwoCalls.directory())) {
      RestClient.Answer region =
          plain
              .rest()
              .post(
                  "/v2/systemsharedmemory/region/r/register",
                  "{\"key\": \"/" + KEY + "\", \"byte_size\": 8}");
      assertThat(region.status()).isEqualTo(501);
      assertThat(region.error()).contains("Client shared memory is disabled");
      assertThat(plain.rest().get("/v2/systemsharedmemory/status").body()).isEqualTo("[]");
      RestClient.Answer log = plain.rest().post("/v2/logging", "{\"log_info\": false}");
      assertThat(log.status()).isEqualTo(403);
      assertThat(log.error()).contains("the server does not let clients change them");
      assertThat(plain.rest().get("/v2/logging").status()).isEqualTo(200);
      RestClient.Answer load =
          plain.rest().post("/v2/repository/models/" + HalfPlusTwoCalls.NAME + "/unload", "");
      assertThat(load.status()).isEqualTo(503);
    }
  }
}
