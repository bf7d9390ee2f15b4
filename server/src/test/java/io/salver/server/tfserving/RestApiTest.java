package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RestApiTest {
  private ServingFixture server;

  @BeforeAll
  void start() {
    server = new ServingFixture(true);
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/models/half:predict",
        "/V1/Models/half:PREDICT",
        "/v1/models/%68alf:predict",
        "/v1/models/half/versions/123:predict",
        "/v1/models/half/versions/0000122:predict",
        "/v1/models/half/labels/stable:predict"
      })
  void predictsInRowsAndColumns(String path) {
    assertJson(
        server.post(path, "{\"instances\": [2.0, 3.0, 4.0]}"),
        200,
        "{\"predictions\": [3.0, 3.5, 4.0]}");
    assertJson(
        server.post(path, "{\"inputs\": {\"x\": [2.0, 3.0]}}"), 200, "{\"outputs\": [3.0, 3.5]}");
  }

  @Test
  void classifiesAndRegresses() {
    assertJson(
        server.post(
            "/v1/models/examples:classify",
            "{\"signature_name\": \"classify_x_to_y\", \"examples\": [{\"x\": 2.0}]}"),
        200,
        "{\"results\": [[[\"\", 3.0]]]}");
    assertJson(
        server.post(
            "/v1/models/examples/versions/7:regress",
            "{\"signature_name\": \"regress_x_to_y\", \"context\": {\"x\": 80.0}, \"examples\":"
                + " [{}, {\"x\": 2.0}]}"),
        200,
        "{\"results\": [42.0, 3.0]}");
  }

  @Test
  void refusesWhatIsNotThere() {
    assertError(
        server.post("/v1/models/nobody:predict", "{\"instances\": [1]}"),
        404,
        "Servable not found for request: Latest(nobody)");
    assertError(
        server.post("/v1/models/half/versions/99:predict", "{\"instances\": [1]}"),
        404,
        "Servable not found for request: Specific(half, 99)");
    assertError(
        server.post("/v1/models/half/labels/canary:predict", "{\"instances\": [1]}"),
        400,
        "Unrecognized servable version label: canary");
    assertError(
        server.post(
            "/v1/models/half:predict", "{\"signature_name\": \"none\", \"instances\": [1]}"),
        400,
        "Serving signature name: \"none\" not found in signature def");
    assertError(
        server.post("/v1/models/half/versions/99999999999999999999:predict", "{}"),
        400,
        "Failed to convert version: 99999999999999999999 to numeric.");
  }

  @Test
  void refusesPathsAndMethodsThatMeanNothing() {
    for (String path :
        new String[] {
          "/v1/models/half",
          "/v1/models/half:frobnicate",
          "/v1/models/half/versions/x:predict",
          "/v1/models/half/versions/:predict",
          "/v1/models/half/labels/:predict",
          "/v1/models/half/versions/1/labels/x:predict",
          "/v1/models/:predict",
          "/v1/models/half:predict/more",
          "/v1/models/a/b:predict"
        }) {
      assertError(server.post(path, "{}"), 400, "Malformed request: POST " + path);
    }
    for (String path :
        new String[] {
          "/v1/models/half:predict", "/v1/models/", "/v1/models/half/metadata/x", "/v1/other"
        }) {
      assertError(server.get(path), 400, "Malformed request: GET " + path);
    }
    assertError(server.get("/v1/models/versions/3"), 400, "Missing model name in request.");
    assertError(
        server.send(
            server.request("/v1/models/half").PUT(HttpRequest.BodyPublishers.ofString("{}"))),
        400,
        "Malformed request: PUT /v1/models/half");
  }

  @Test
  void laysErrorsOutAsTensorFlowServingDoes() {
    HttpResponse<String> response = server.get("/v1/models/nobody");
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(response.body())
        .isEqualTo("{\n    \"error\": \"Could not find any versions of model nobody\"\n}");
  }

  @Test
  void tellsTheStateOfVersions() {
    assertJson(
        server.get("/v1/models/half/versions/122"),
        200,
        "{\"model_version_status\": [{\"version\": \"122\", \"state\": \"AVAILABLE\", \"status\":"
            + " {\"error_code\": \"OK\", \"error_message\": \"\"}}]}");
    assertThat(
            JsonParser.parseString(server.get("/v1/models/half/labels/stable").body())
                .getAsJsonObject()
                .getAsJsonArray("model_version_status"))
        .hasSize(2);
    assertError(
        server.get("/v1/models/half/versions/5"), 404, "Could not find version 5 of model half");
  }

  @Test
  void tellsTheSignatures() {
    assertJson(
        server.get("/v1/models/half/versions/122/metadata"),
        200,
        """
        {"model_spec": {"name": "half", "signature_name": "", "version": "122"},
         "metadata": {"signature_def": {"signature_def": {"serving_default": {
           "inputs": {"x": {"dtype": "DT_FLOAT", "name": "x",
             "tensor_shape": {"dim": [{"size": "-1", "name": ""}], "unknown_rank": false}}},
           "outputs": {"y": {"dtype": "DT_FLOAT", "name": "y",
             "tensor_shape": {"dim": [{"size": "-1", "name": ""}], "unknown_rank": false}}},
           "method_name": "tensorflow/serving/predict",
           "defaults": {}}}}}}
        """);
  }

  @Test
  void listsAllModels() {
    assertJson(
        server.get("/v1/models"),
        200,
        """
        {"models": [
          {"name": "examples", "engine": "java", "labels": {}, "reason": "", "versions": [
            {"version": "7", "state": "AVAILABLE", "reason": "", "since": "1970-01-01T00:00:00Z"}]},
          {"name": "half", "engine": "java", "labels": {"stable": "122"}, "reason": "",
            "versions": [
            {"version": "123", "state": "AVAILABLE", "reason": "", "since": "1970-01-01T00:00:00Z"},
            {"version": "122", "state": "AVAILABLE", "reason": "", "since": "1970-01-01T00:00:00Z"}
          ]}]}
        """);
  }

  @Test
  void answersPreflightRequestsOfBrowsersOnly() {
    HttpRequest.Builder preflight =
        server
            .request("/v1/models/half:predict")
            .method("OPTIONS", HttpRequest.BodyPublishers.noBody());
    assertError(server.send(preflight.copy()), 400, "Origin header is missing in CORS preflight");
    HttpResponse<String> response =
        server.send(preflight.copy().header("Origin", "http://example.com"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("access-control-allow-origin")).hasValue("*");
    assertThat(response.headers().firstValue("access-control-allow-methods")).hasValue("POST, GET");
    assertThat(response.headers().firstValue("access-control-allow-headers"))
        .hasValue("Content-Type");
  }

  private static void assertError(HttpResponse<String> response, int status, String message) {
    assertThat(JsonParser.parseString(response.body()).getAsJsonObject().get("error").getAsString())
        .isEqualTo(message);
    assertThat(response.statusCode()).isEqualTo(status);
  }

  private static void assertJson(HttpResponse<String> response, int status, String json) {
    assertThat(JsonParser.parseString(response.body())).isEqualTo(JsonParser.parseString(json));
    assertThat(response.statusCode()).isEqualTo(status);
  }
}
