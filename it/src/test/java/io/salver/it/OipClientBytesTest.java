package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import io.salver.server.oip.proto.InferParameter;
import io.salver.server.oip.proto.InferTensorContents;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.oip.proto.ModelInferResponse;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What clients of the protocol were seen to send, byte for byte, and what they need of the answer:
 * Triton's clients in Java, Python, C++ and JavaScript, asking Triton's own example model.
 */
@Timeout(120)
class OipClientBytesTest {
  private static final MethodDescriptor<ModelInferRequest, ModelInferResponse> INFER =
      MethodDescriptor.<ModelInferRequest, ModelInferResponse>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("inference.GRPCInferenceService/ModelInfer")
          .setRequestMarshaller(ProtoUtils.marshaller(ModelInferRequest.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(ModelInferResponse.getDefaultInstance()))
          .build();
  private static final byte[] SUM = ints(IntStream.rangeClosed(1, 16).toArray());
  private static final byte[] DIFFERENCE = ints(IntStream.rangeClosed(-1, 14).toArray());
  private static final byte[] INPUT0 = ints(IntStream.range(0, 16).toArray());
  private static final byte[] INPUT1 = ints(IntStream.generate(() -> 1).limit(16).toArray());

  private static RunningServer server;

  @BeforeAll
  static void start() throws Exception {
    Path model = TestData.required().resolve("B_onnx/triton_model_repository/simple");
    Path temporary = Files.createTempDirectory("salver-it");
    ModelDirectories.copy(model.resolve("1"), temporary.resolve("simple/1"));
    Path config =
        Files.writeString(
            temporary.resolve("models.config"),
            "model_config_list {\n"
                + ModelDirectories.entry("simple", temporary.resolve("simple"))
                + ModelDirectories.entry("simple one+", temporary.resolve("simple"))
                + "}\n");
    server = RunningServer.start("--model_config_file=" + config);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static byte[] ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.array();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** An answer with its body as bytes. */
  private record Answer(RawConnection.Answer head, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  private static Answer send(String line, String headers, byte[] body) throws Exception {
    try (RawConnection connection = new RawConnection(server.restPort())) {
      String head =
          line
              + " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
              + headers
              + "Content-Length: "
              + body.length
              + "\r\n\r\n";
      connection.send(joined(head.getBytes(StandardCharsets.US_ASCII), body));
      return read(connection);
    }
  }

  private static Answer read(RawConnection connection) throws Exception {
    RawConnection.BinaryAnswer answer = connection.readBinary();
    return new Answer(
        new RawConnection.Answer(answer.status(), answer.headers(), ""), answer.body());
  }

  private static String binaryInputs(boolean emptyParameters) {
    String more = emptyParameters ? ",\"parameters\":{}" : "";
    return "\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"INT32\","
        + "\"parameters\":{\"binary_data_size\":64}},{\"name\":\"INPUT1\",\"shape\":[1,16],"
        + "\"datatype\":\"INT32\",\"parameters\":{\"binary_data_size\":64}}]"
        + more;
  }

  private static void assertBothBinary(Answer answer) {
    assertThat(answer.head().status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.head().headers()).containsEntry("content-type", "application/octet-stream");
    int length = Integer.parseInt(answer.head().headers().get("inference-header-content-length"));
    byte[] data = Arrays.copyOfRange(answer.body(), length, answer.body().length);
    assertThat(data).isEqualTo(joined(SUM, DIFFERENCE));
  }

  private static JsonObject strict(Answer answer) {
    assertThat(answer.head().status()).as(answer.text()).isEqualTo(200);
    int length =
        Integer.parseInt(
            answer
                .head()
                .headers()
                .getOrDefault(
                    "inference-header-content-length", String.valueOf(answer.body().length)));
    String json = new String(answer.body(), 0, length, StandardCharsets.UTF_8);
    JsonObject object = JsonParser.parseString(json).getAsJsonObject();
    Set<String> known =
        new TreeSet<>(Set.of("model_name", "model_version", "id", "parameters", "outputs"));
    assertThat(known).containsAll(object.keySet());
    assertThat(object.get("model_version").getAsJsonPrimitive().isString()).isTrue();
    Set<String> ofTensor = new TreeSet<>(Set.of("name", "shape", "datatype", "parameters", "data"));
    object
        .getAsJsonArray("outputs")
        .forEach(output -> assertThat(ofTensor).containsAll(output.getAsJsonObject().keySet()));
    return object;
  }

  /** The Java client sends outputs first, empty parameters, and no content type. */
  @Test
  void theJavaClientOverHttp() throws Exception {
    String json =
        "{\"outputs\":[{\"name\":\"OUTPUT0\",\"parameters\":{\"binary_data\":true}},{\"name\":"
            + "\"OUTPUT1\",\"parameters\":{\"binary_data\":true}}],"
            + binaryInputs(false)
            + ",\"parameters\":{}}";
    Answer answer =
        send(
            "POST /v2/models/simple/infer",
            "Inference-Header-Content-Length: "
                + json.length()
                + "\r\nConnection: Keep-Alive\r\nUser-Agent: Apache-HttpAsyncClient/4.1.4\r\n",
            joined(json.getBytes(StandardCharsets.UTF_8), INPUT0, INPUT1));
    assertBothBinary(answer);
    strict(answer);
  }

  /** With data as JSON its inputs have empty parameters, and it reads the answer strictly. */
  @Test
  void theJavaClientWithJsonData() throws Exception {
    String input =
        "{\"name\":\"%s\",\"shape\":[1,16],\"datatype\":\"INT32\",\"parameters\":{},\"data\":%s}";
    String json =
        "{\"outputs\":[{\"name\":\"OUTPUT0\",\"parameters\":{\"binary_data\":false}}],\"inputs\":["
            + input.formatted("INPUT0", Arrays.toString(IntStream.range(0, 16).toArray()))
            + ","
            + input.formatted(
                "INPUT1", Arrays.toString(IntStream.generate(() -> 1).limit(16).toArray()))
            + "]}";
    Answer answer = send("POST /v2/models/simple/infer", "", json.getBytes(StandardCharsets.UTF_8));
    JsonObject object = strict(answer);
    assertThat(object.getAsJsonArray("outputs")).hasSize(1);
    assertThat(object.getAsJsonArray("outputs").get(0).getAsJsonObject().get("data").toString())
        .isEqualTo("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]");
  }

  /** It escapes names as forms do, so that a blank is a plus, and a plus is escaped. */
  @Test
  void namesAsTheJavaAndThePythonClientEscapeThem() throws Exception {
    for (String name : new String[] {"simple+one%2B", "simple%20one%2B"}) {
      Answer answer = send("GET /v2/models/" + name, "", new byte[0]);
      assertThat(answer.head().status()).as(name).isEqualTo(200);
      assertThat(JsonParser.parseString(answer.text()).getAsJsonObject().get("name").getAsString())
          .isEqualTo("simple one+");
    }
  }

  /** The Python client sends a query, and no content type; the query means nothing. */
  @Test
  void thePythonClientOverHttp() throws Exception {
    String json = "{" + binaryInputs(false) + ",\"parameters\":{\"binary_data_output\":true}}";
    Answer answer =
        send(
            "POST /v2/models/simple/infer?test_1=1&test_2=2",
            "Inference-Header-Content-Length: " + json.length() + "\r\n",
            joined(json.getBytes(StandardCharsets.UTF_8), INPUT0, INPUT1));
    assertBothBinary(answer);
    assertThat(strict(answer).keySet()).containsExactly("model_name", "model_version", "outputs");
  }

  /** The C++ client sends an empty id, and dies of an output that is not binary as it asked. */
  @Test
  void theCppClientOverHttp() throws Exception {
    String json =
        "{\"id\":\"\"," + binaryInputs(false) + ",\"parameters\":{\"binary_data_output\":true}}";
    Answer answer =
        send(
            "POST /v2/models/simple/infer",
            "Accept: */*\r\nContent-Type: application/octet-stream\r\n"
                + "Inference-Header-Content-Length: "
                + json.length()
                + "\r\n",
            joined(json.getBytes(StandardCharsets.UTF_8), INPUT0, INPUT1));
    assertBothBinary(answer);
    assertThat(strict(answer).has("id")).isFalse();
  }

  /** The C++ client asks for an empty final response in every call, also where there is none. */
  @Test
  void theCppClientOverGrpc() {
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName("simple")
            .putParameters(
                "triton_enable_empty_final_response",
                InferParameter.newBuilder().setBoolParam(false).build())
            .addInputs(input("INPUT0"))
            .addInputs(input("INPUT1"))
            .addRawInputContents(ByteString.copyFrom(INPUT0))
            .addRawInputContents(ByteString.copyFrom(INPUT1))
            .build();
    assertSimple(server.grpc().call(INFER, request));
  }

  /** The Java and JavaScript examples send typed contents, and read raw ones. */
  @Test
  void theExamplesInJavaAndJavaScriptOverGrpc() {
    InferTensorContents.Builder first = InferTensorContents.newBuilder();
    InferTensorContents.Builder second = InferTensorContents.newBuilder();
    for (int i = 0; i < 16; i++) {
      first.addIntContents(i);
      second.addIntContents(1);
    }
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .setModelName("simple")
            .setModelVersion("")
            .addInputs(input("INPUT0").setContents(first))
            .addInputs(input("INPUT1").setContents(second))
            .addOutputs(
                ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName("OUTPUT0"))
            .addOutputs(
                ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName("OUTPUT1"))
            .build();
    assertSimple(server.grpc().call(INFER, request));
  }

  private static ModelInferRequest.InferInputTensor.Builder input(String name) {
    return ModelInferRequest.InferInputTensor.newBuilder()
        .setName(name)
        .setDatatype("INT32")
        .addShape(1)
        .addShape(16);
  }

  private static void assertSimple(ModelInferResponse answer) {
    assertThat(answer.getModelName()).isEqualTo("simple");
    assertThat(answer.getModelVersion()).isEqualTo("1");
    assertThat(answer.getOutputs(0).getName()).isEqualTo("OUTPUT0");
    assertThat(answer.getOutputs(1).getName()).isEqualTo("OUTPUT1");
    assertThat(answer.getRawOutputContents(0).toByteArray()).isEqualTo(SUM);
    assertThat(answer.getRawOutputContents(1).toByteArray()).isEqualTo(DIFFERENCE);
  }

  /** Request bodies that KServe's documentation gives, against a model of other inputs. */
  @Test
  void bodiesOfKserveAreReadAsFarAsTheModelGoes() throws Exception {
    Path samples = TestData.required().resolve("D_other/v2_requests_kserve");
    for (String sample :
        new String[] {"sklearn/v2/iris-input.json", "torchserve/v2/tensor_conv/mnist_v2.json"}) {
      byte[] body = Files.readAllBytes(samples.resolve(sample));
      Answer answer = send("POST /v2/models/simple/infer", "", body);
      assertThat(answer.head().status()).as(sample).isEqualTo(400);
      assertThat(answer.text())
          .as(sample)
          .contains("unexpected inference input '")
          .contains("' for model 'simple'");
    }
  }
}
