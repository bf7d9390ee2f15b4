package io.salver.server.oip;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.tensor.NativeMemory;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class InferRestTest {
  private static final String HALF = "/v2/models/half/infer";
  private static final String PAIR = "/v2/models/pair/infer";
  private static final String X =
      "{\"name\": \"x\", \"shape\": [2], \"datatype\": \"FP32\", \"data\": [1, 2]}";

  private final long liveBytesBefore = NativeMemory.liveBytes();
  private final OipFixture server = new OipFixture();

  @AfterEach
  void everythingIsGivenBack() {
    server.settle();
    assertThat(server.models.openLeases()).isZero();
    server.close();
    assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytesBefore);
  }

  static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private String ok(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    return text(response);
  }

  private void assertRefused(HttpResponse<byte[]> response, int status, String message) {
    assertThat(text(response)).startsWith("{\"error\":\"").contains(message).endsWith("\"}");
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
  }

  private void assertInvalid(String path, String body, String message) {
    assertRefused(server.post(path, body), 400, message);
  }

  private static byte[] floats(float... values) {
    return InferGrpcTest.floats(values).toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private HttpResponse<byte[]> binary(String path, String json, byte[]... data) {
    byte[] head = json.getBytes(StandardCharsets.UTF_8);
    byte[][] parts = new byte[data.length + 1][];
    parts[0] = head;
    System.arraycopy(data, 0, parts, 1, data.length);
    return server.post(path, joined(parts), OipFixture.JSON_LENGTH, String.valueOf(head.length));
  }

  @Test
  void answersAsTritonOrdersIt() {
    assertThat(ok(server.post(HALF, "{\"id\": \"a\\\"1\", \"inputs\": [" + X + "]}")))
        .isEqualTo(
            "{\"id\":\"a\\\"1\",\"model_name\":\"half\",\"model_version\":\"123\",\"outputs\":[{"
                + "\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[2],\"data\":[2.5,3.0]}]}");
    assertThat(server.observed).containsExactly("PREDICT half/123 OK");
  }

  @Test
  void takesAnEmptyIdForNone() {
    assertThat(ok(server.post(HALF, "{\"id\": \"\", \"inputs\": [" + X + "]}")))
        .startsWith("{\"model_name\":");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"outputs\": [{\"name\": \"y\"}], \"inputs\": [%s]}",
        "{\"outputs\": [], \"inputs\": [%s], \"parameters\": {}}",
        "{\"inputs\": [%s], \"outputs\": [{\"parameters\": {\"other\": 1}, \"name\": \"y\"}]}",
        "{\"more\": {\"inputs\": []}, \"inputs\": [%s], \"parameters\": {\"mine\": 0.5}}",
        "{\"inputs\": [%s], \"parameters\": {\"signature_name\": \"serving_default\"}}"
      })
  void takesMembersInAnyOrder(String body) {
    assertThat(ok(server.post(HALF, body.formatted(X)))).contains("\"data\":[2.5,3.0]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"data\": [1, 2], \"datatype\": \"FP32\", \"shape\": [2], \"name\": \"x\"}",
        "{\"data\": [[1], [2]], \"name\": \"x\", \"shape\": [2], \"datatype\": \"FP32\"}",
        "{\"name\": \"x\", \"datatype\": \"FP32\", \"parameters\": {}, \"data\": [1, 2.0],"
            + " \"shape\": [2]}",
        "{\"name\": \"x\", \"shape\": [2], \"datatype\": \"FP32\", \"data\": [[[1, 2e0]]]}"
      })
  void takesInputsInAnyForm(String input) {
    assertThat(ok(server.post(HALF, "{\"inputs\": [" + input + "]}")))
        .contains("\"shape\":[2],\"data\":[2.5,3.0]");
  }

  @Test
  void answersTheVersionOfThePath() {
    assertThat(
            ok(
                server.post(
                    "/v2/models/half/versions/122/infer?test_1=1&test_2=2",
                    "{\"inputs\": [" + X + "]}")))
        .contains("\"model_version\":\"122\"");
  }

  @Test
  void answersInBinaryFormWhatIsAskedForSo() {
    HttpResponse<byte[]> answer =
        binary(
            HALF,
            "{\"id\": \"\", \"inputs\": [{\"name\": \"x\", \"shape\": [2], \"datatype\": \"FP32\","
                + " \"parameters\": {\"binary_data_size\": 8}}], \"parameters\":"
                + " {\"binary_data_output\": true}}",
            floats(1, 2));
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/octet-stream");
    String json =
        "{\"model_name\":\"half\",\"model_version\":\"123\",\"outputs\":[{\"name\":\"y\","
            + "\"datatype\":\"FP32\",\"shape\":[2],\"parameters\":{\"binary_data_size\":8}}]}";
    assertThat(answer.headers().firstValue(OipFixture.JSON_LENGTH))
        .hasValue(String.valueOf(json.length()));
    assertThat(answer.body())
        .isEqualTo(joined(json.getBytes(StandardCharsets.UTF_8), floats(2.5f, 3)));
  }

  @Test
  void mixesBothFormsInOneRequestAndOneAnswer() {
    byte[] names = {1, 0, 0, 0, 'a', 2, 0, 0, 0, 'b', 'c'};
    HttpResponse<byte[]> answer =
        binary(
            PAIR,
            "{\"inputs\": [{\"name\": \"names\", \"shape\": [2], \"datatype\": \"BYTES\","
                + " \"parameters\": {\"binary_data_size\": 11}}, {\"name\": \"numbers\","
                + " \"shape\": [1, 2], \"datatype\": \"INT32\", \"data\": [3, -4]}],"
                + " \"parameters\": {\"binary_data_output\": true}, \"outputs\": [{\"name\":"
                + " \"names\"}, {\"name\": \"numbers\", \"parameters\": {\"binary_data\":"
                + " false}}]}",
            names);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    int length =
        Integer.parseInt(answer.headers().firstValue(OipFixture.JSON_LENGTH).orElseThrow());
    assertThat(new String(answer.body(), 0, length, StandardCharsets.UTF_8))
        .endsWith(
            "\"outputs\":[{\"name\":\"numbers\",\"datatype\":\"INT32\",\"shape\":[1,2],"
                + "\"data\":[3,-4]},{\"name\":\"names\",\"datatype\":\"BYTES\",\"shape\":[2],"
                + "\"parameters\":{\"binary_data_size\":11}}]}");
    assertThat(Arrays.copyOfRange(answer.body(), length, answer.body().length)).isEqualTo(names);
  }

  @Test
  void answersARawRequestInBinaryForm() {
    HttpResponse<byte[]> answer = server.post(HALF, floats(1, 2, 5), OipFixture.JSON_LENGTH, "0");
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    int length =
        Integer.parseInt(answer.headers().firstValue(OipFixture.JSON_LENGTH).orElseThrow());
    assertThat(Arrays.copyOfRange(answer.body(), length, answer.body().length))
        .isEqualTo(floats(2.5f, 3, 4.5f));
    assertRefused(
        server.post(PAIR, new byte[8], OipFixture.JSON_LENGTH, "0"),
        400,
        "raw binary request for model 'pair': 2 inputs (expected: a model with one)");
    assertRefused(
        server.post(HALF, new byte[5], OipFixture.JSON_LENGTH, "0"),
        400,
        "input byte size mismatch for input 'x' for model 'half'. Expected 4, got 5");
  }

  @Test
  void namesTheHighestClasses() {
    assertThat(
            ok(
                server.post(
                    HALF,
                    "{\"inputs\": ["
                        + X
                        + "], \"outputs\": [{\"name\": \"y\", \"parameters\":"
                        + " {\"classification\": 1}}]}")))
        .endsWith(
            "{\"name\":\"y\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"3.000000:1\"]}]}");
  }

  @Test
  void takesTruthAsNumbersToo() {
    String path = "/v2/models/echo_BOOL/infer";
    String input =
        "{\"inputs\": [{\"name\":\"x\",\"shape\":[3],\"datatype\":\"BOOL\",\"data\":%s}]}";
    assertThat(ok(server.post(path, input.formatted("[true, false, true]"))))
        .contains("\"data\":[true,false,true]");
    assertThat(ok(server.post(path, input.formatted("[[1], [0], [2]]"))))
        .contains("\"data\":[true,false,true]");
    assertInvalid(path, input.formatted("[1, true, 0]"), "is not of expected type");
    assertInvalid(path, input.formatted("[\"1\", \"0\", \"0\"]"), "is not of expected type: bool");
  }

  @ParameterizedTest
  @CsvSource({"FP16", "BF16"})
  void refusesHalfFloatsAsJson(String datatype) {
    String path = "/v2/models/echo_" + datatype + "/infer";
    String input = "{\"inputs\": [{\"name\":\"x\",\"shape\":[1],\"datatype\":\"" + datatype + "\",";
    assertInvalid(
        path,
        input + "\"data\":[1]}]}",
        "receiving "
            + datatype
            + " data via JSON is not supported. Please use the binary data format for input x");
    assertRefused(
        binary(path, input + "\"parameters\":{\"binary_data_size\":2}}]}", new byte[] {0, 60}),
        400,
        "sending "
            + datatype
            + " data via JSON is not supported. Please use the binary data format for output y");
  }

  @Test
  void refusesBodiesThatAreNoRequests() {
    assertInvalid(HALF, "", "request: an empty body (expected: a JSON object)");
    assertInvalid(HALF, "[]", "request: [] (expected: a JSON object)");
    assertInvalid(HALF, "{", "JSON Parse error");
    assertInvalid(HALF, "{\"inputs\": [" + X + "]} 1", "JSON Parse error");
    assertInvalid(HALF, "{}", "request: no \\\"inputs\\\" (expected: an array)");
    assertInvalid(HALF, "{\"inputs\": 1}", "inputs: 1 (expected: an array)");
    assertInvalid(
        HALF,
        "{\"inputs\": [" + X + "], \"inputs\": [" + X + "]}",
        "request: \\\"inputs\\\" twice (expected: once)");
    assertInvalid(HALF, "{\"inputs\": [], \"outputs\": 3}", "outputs: 3 (expected: an array)");
    assertInvalid(HALF, "{\"inputs\": [1]}", "JSON Parse error");
    assertInvalid(HALF, "{\"inputs\": [{}]}", "expected: an object with \\\"name\\\"");
    assertInvalid(HALF, "{\"id\": 3, \"inputs\": []}", "JSON Parse error");
    assertInvalid(
        HALF,
        "{\"inputs\": [" + X + "], \"outputs\": [{}]}",
        "outputs: {} (expected: an object with a \\\"name\\\")");
  }

  @Test
  void refusesInputsThatAreNotTheModels() {
    String input = "{\"inputs\": [{\"name\":\"x\",\"shape\":%s,\"datatype\":\"%s\",\"data\":%s}]}";
    assertInvalid(
        HALF,
        "{\"inputs\": []}",
        "expected 1 inputs but got 0 inputs for model 'half'. Got input(s) [], but missing"
            + " required input(s) ['x'].");
    assertInvalid(
        HALF, "{\"inputs\": [" + X + "," + X + "]}", "input 'x' already exists in request");
    assertInvalid(
        HALF,
        "{\"inputs\": [{\"name\":\"z\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}",
        "unexpected inference input 'z' for model 'half'");
    assertInvalid(
        HALF,
        "{\"inputs\": [" + X + "], \"outputs\": [{\"name\":\"z\"}]}",
        "unexpected inference output 'z' for model 'half'");
    assertInvalid(
        HALF,
        input.formatted("[1]", "INT32", "[1]"),
        "inference input 'x' data-type is 'INT32', but model 'half' expects 'FP32'");
    assertInvalid(
        HALF,
        input.formatted("[3]", "FP32", "[1, 2]"),
        "data of 2 elements (expected: 3 for shape [3])");
    assertInvalid(HALF, input.formatted("[2]", "FP32", "[[1, 2], [3]]"), "unexpected size");
    assertInvalid(HALF, input.formatted("[1]", "FP32", "1"), "data of input 'x': 1 (expected: an");
    assertInvalid(HALF, input.formatted("[1]", "FP32", "[\"1\"]"), "is not of expected type");
    assertInvalid(HALF, input.formatted("[-1]", "FP32", "[1]"), "dimension 0 of shape is -1");
    assertInvalid(
        HALF,
        input.formatted("[1.5]", "FP32", "[1]"),
        "shape: dimension 1.5 (expected: an integer from 0 to 2^63 - 1)");
    assertInvalid(
        HALF, input.formatted("[9223372036854775808]", "FP32", "[1]"), "dimension 922337203685");
    assertInvalid(
        HALF,
        input.formatted("[4294967296, 4294967296]", "FP32", "[1]"),
        "(expected: a product below 2^63)");
    assertInvalid(HALF, input.formatted("3", "FP32", "[1]"), "shape: 3 (expected: an array");
  }

  @Test
  void refusesAnInputWithNoneOrTwoForms() {
    String only =
        "Input must set only one of the following fields: 'data', 'binary_data_size' in"
            + " 'parameters', 'shared_memory_region' in 'parameters'";
    String input = "{\"inputs\": [{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\"%s}]}";
    assertInvalid(HALF, input.formatted(""), only);
    assertInvalid(
        HALF, input.formatted(",\"data\":[1],\"parameters\":{\"binary_data_size\":4}"), only);
    assertInvalid(
        HALF,
        input.formatted(",\"parameters\":{\"binary_data_size\":4,\"shared_memory_region\":\"r\"}"),
        only);
    assertInvalid(
        HALF,
        input.formatted(",\"parameters\":{\"shared_memory_region\":\"r\"}"),
        "'shared_memory_byte_size' must be specified");
    assertRefused(
        server.post(
            HALF,
            input.formatted(
                ",\"parameters\":{\"shared_memory_region\":\"r\",\"shared_memory_byte_size\":4}")),
        404,
        "Unable to find shared memory region: 'r'");
  }

  @Test
  void refusesBinaryDataThatIsNotAsLongAsItSays() {
    String input =
        "{\"inputs\": [{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\","
            + "\"parameters\":{\"binary_data_size\":%s}}]}";
    assertRefused(
        binary(HALF, input.formatted(8), new byte[4]),
        400,
        "unexpected size for input 'x', expecting 4 additional bytes for model 'half'");
    assertRefused(
        binary(HALF, input.formatted(Long.MAX_VALUE), new byte[4]), 400, "additional bytes");
    assertRefused(
        binary(HALF, input.formatted(8), new byte[12]),
        400,
        "unexpected additional input data for model 'half': 4 bytes");
    assertRefused(
        binary(HALF, input.formatted(4), new byte[4]),
        400,
        "input byte size mismatch for input 'x' for model 'half'. Expected 8, got 4");
    assertRefused(
        binary(HALF, input.formatted(-8), new byte[8]), 400, "parameter 'binary_data_size': -8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "3", "x", "", "99999999999999", "1.0"})
  void refusesAHeaderLengthThatIsOutOfRange(String length) {
    assertRefused(
        server.post(HALF, "{}", OipFixture.JSON_LENGTH, length),
        400,
        "inference header size should be in range (0, 2), got: " + length);
  }

  @Test
  void refusesParametersThatAreReservedOrOfTheWrongKind() {
    String body = "{\"parameters\": {%s}, \"inputs\": [" + X + "]}";
    assertInvalid(
        HALF,
        body.formatted("\"triton_enable_empty_final_response\": true"),
        "parameter keys starting with 'triton_' are reserved");
    assertInvalid(
        HALF, body.formatted("\"priority\": \"high\""), "parameter 'priority': high (expected: an");
    assertInvalid(HALF, body.formatted("\"timeout\": -1"), "parameter 'timeout': -1");
    assertInvalid(HALF, body.formatted("\"timeout\": 18446744073709551615"), "'timeout': 1.84");
    assertInvalid(HALF, body.formatted("\"mine\": null"), "parameter 'mine': null (expected: a");
    assertInvalid(HALF, body.formatted("\"mine\": {}"), "parameter 'mine': {} (expected: a");
    assertInvalid(HALF, body.formatted("\"binary_data_output\": 1"), "'binary_data_output': 1");
    assertThat(
            ok(
                server.post(
                    HALF,
                    body.formatted(
                        "\"sequence_id\": \"s\", \"sequence_start\": true, \"sequence_end\": true,"
                            + " \"priority\": 2, \"timeout\": 1000000, \"headers\": \"x\""))))
        .contains("\"data\":[2.5,3.0]");
  }

  @Test
  void refusesWhatIsNotThere() {
    String body = "{\"inputs\": [" + X + "]}";
    assertRefused(
        server.post("/v2/models/nobody/infer", body),
        404,
        "Request for unknown model: 'nobody' is not found");
    assertRefused(
        server.post("/v2/models/half/versions/9/infer", body),
        503,
        "Request for unknown model: 'half' version 9 is not at ready state");
    assertRefused(server.get("/v2/models/half/versions"), 404, "Not Found");
    assertRefused(server.get(HALF), 405, "Method Not Allowed");
    assertRefused(server.post("/v2/health/live", ""), 405, "Method Not Allowed");
    assertRefused(server.get("/v2/models/half/versions/9/ready"), 400, "Model version not ready");
    assertRefused(server.get("/v2/models/nobody"), 404, "'nobody' is not found");
  }

  @Test
  void saysWhatThereIs() {
    for (String path :
        new String[] {
          "/v2/health/live",
          "/v2/health/ready",
          "/v2/models/half/ready",
          "/v2/models/half/versions/122/ready"
        }) {
      HttpResponse<byte[]> answer = server.get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      assertThat(answer.body()).as(path).isEmpty();
    }
    for (String path : new String[] {"/v2", "/v2/"}) {
      assertThat(ok(server.get(path)))
          .startsWith("{\"name\":\"salver\",\"version\":\"1.2.3\",\"extensions\":[\"");
    }
    assertThat(ok(server.get("/v2/models/half")))
        .isEqualTo(
            "{\"name\":\"half\",\"versions\":[\"122\",\"123\"],\"platform\":\"java\",\"inputs\":"
                + "[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1]}],\"outputs\":"
                + "[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[-1]}]}");
    assertThat(ok(server.get("/v2/models/half/versions/122"))).contains("\"versions\":[\"122\"]");
  }

  @Test
  void readsALargeInput() {
    int count = 200_000;
    StringBuilder body = new StringBuilder("{\"inputs\":[{\"name\":\"x\",\"shape\":[");
    body.append(count).append("],\"datatype\":\"FP32\",\"data\":[");
    ByteBuffer expected = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      body.append(i == 0 ? "" : ",").append(i);
      expected.putFloat(i / 2f + 2);
    }
    body.append("]}],\"parameters\":{\"binary_data_output\":true}}");
    HttpResponse<byte[]> answer = server.post(HALF, body.toString());
    assertThat(answer.statusCode()).isEqualTo(200);
    int length =
        Integer.parseInt(answer.headers().firstValue(OipFixture.JSON_LENGTH).orElseThrow());
    assertThat(Arrays.copyOfRange(answer.body(), length, answer.body().length))
        .isEqualTo(expected.array());
  }
}
