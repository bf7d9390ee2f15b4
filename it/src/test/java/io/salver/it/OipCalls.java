package io.salver.it;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.salver.it.WireCase.Call;
import io.salver.server.oip.proto.InferParameter;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.oip.proto.ModelInferRequest.InferInputTensor;
import io.salver.server.oip.proto.ModelInferResponse;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.ArrayTensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes a case's call by the Open Inference Protocol, in each of its forms. */
final class OipCalls {
  static final MethodDescriptor<ModelInferRequest, ModelInferResponse> INFER =
      MethodDescriptor.<ModelInferRequest, ModelInferResponse>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("inference.GRPCInferenceService/ModelInfer")
          .setRequestMarshaller(ProtoUtils.marshaller(ModelInferRequest.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(ModelInferResponse.getDefaultInstance()))
          .build();

  /** How a call is made. */
  enum Form {
    GRPC,
    BINARY,
    JSON
  }

  private OipCalls() {}

  /**
   * Makes the call.
   *
   * @param like what another protocol answered, which says whether JSON can carry it
   */
  static CaseAnswer make(Form form, RunningServer server, String model, Call call, CaseAnswer like)
      throws Exception {
    return switch (form) {
      case GRPC -> byGrpc(server.grpc(), model, call);
      case BINARY -> byRest(server.restPort(), model, call, true);
      case JSON ->
          hasJsonForm(call, like)
              ? byRest(server.restPort(), model, call, false)
              : new CaseAnswer.NoForm("by these types");
    };
  }

  private static boolean hasJsonForm(Call call, CaseAnswer like) {
    Stream<ArrayTensor> outputs =
        like instanceof CaseAnswer.Outputs(Map<String, ArrayTensor> tensors)
            ? tensors.values().stream()
            : Stream.of();
    return Stream.concat(call.inputs().values().stream(), outputs).allMatch(OipCalls::isJson);
  }

  private static boolean isJson(ArrayTensor tensor) {
    return switch (tensor.dtype()) {
      case FLOAT16, BFLOAT16, COMPLEX64, COMPLEX128 -> false;
      case STRING -> Arrays.stream((byte[][]) tensor.elements()).allMatch(OipCalls::isUtf8);
      default -> true;
    };
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static String datatype(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> "FP16";
      case BFLOAT16 -> "BF16";
      case FLOAT32 -> "FP32";
      case FLOAT64 -> "FP64";
      case STRING -> "BYTES";
      default -> dtype.name();
    };
  }

  private static DType dtype(String datatype) {
    return Arrays.stream(DType.values())
        .filter(dtype -> datatype(dtype).equals(datatype))
        .findFirst()
        .orElseThrow(() -> new AssertionError("datatype: " + datatype));
  }

  static byte[] raw(ArrayTensor tensor) {
    if (!(tensor.elements() instanceof byte[][] strings)) {
      return ProtoTensors.bytesOf(tensor.elements());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] string : strings) {
      out.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(string.length).array());
      out.writeBytes(string);
    }
    return out.toByteArray();
  }

  static ArrayTensor tensor(DType dtype, Shape shape, byte[] raw) {
    if (dtype != DType.STRING) {
      return new ArrayTensor(dtype, shape, ProtoTensors.fromBytes(dtype, raw));
    }
    ByteBuffer bytes = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> strings = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] string = new byte[bytes.getInt()];
      bytes.get(string);
      strings.add(string);
    }
    return new ArrayTensor(dtype, shape, strings.toArray(byte[][]::new));
  }

  private static CaseAnswer byGrpc(GrpcClient client, String model, Call call) {
    ModelInferRequest.Builder request =
        ModelInferRequest.newBuilder()
            .setModelName(model)
            .putParameters(
                "signature_name",
                InferParameter.newBuilder().setStringParam(call.signature()).build());
    call.inputs()
        .forEach((name, tensor) -> {
          InferInputTensor.Builder input =
              InferInputTensor.newBuilder().setName(name).setDatatype(datatype(tensor.dtype()));
          for (long dim : tensor.shape().dims()) {
            input.addShape(dim);
          }
          request.addInputs(input).addRawInputContents(ByteString.copyFrom(raw(tensor)));
        });
    try {
      ModelInferResponse answer = client.call(INFER, request.build());
      Map<String, ArrayTensor> outputs = new TreeMap<>();
      for (int i = 0; i < answer.getOutputsCount(); i++) {
        ModelInferResponse.InferOutputTensor output = answer.getOutputs(i);
        Shape shape = Shape.of(output.getShapeList().stream().mapToLong(dim -> dim).toArray());
        outputs.put(
            output.getName(),
            tensor(
                dtype(output.getDatatype()), shape, answer.getRawOutputContents(i).toByteArray()));
      }
      return new CaseAnswer.Outputs(outputs);
    } catch (StatusRuntimeException e) {
      return new CaseAnswer.Refusal(
          e.getStatus().getCode().name(), Objects.toString(e.getStatus().getDescription(), ""));
    }
  }

  private static CaseAnswer byRest(int port, String model, Call call, boolean binary)
      throws Exception {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    String inputs =
        call.inputs().entrySet().stream()
            .map(input -> input(input.getKey(), input.getValue(), binary, data))
            .collect(Collectors.joining(","));
    String json =
        "{\"parameters\":{\"signature_name\":%s,\"binary_data_output\":%s},\"inputs\":[%s]}"
            .formatted(new JsonPrimitive(call.signature()), binary, inputs);
    byte[] head = json.getBytes(StandardCharsets.UTF_8);
    String length = binary ? "Inference-Header-Content-Length: " + head.length + "\r\n" : "";
    try (RawConnection connection = new RawConnection(port)) {
      connection.send(
          "POST /v2/models/"
              + model
              + "/infer HTTP/1.1\r\nHost: localhost\r\n"
              + length
              + "Content-Length: "
              + (head.length + data.size())
              + "\r\n\r\n");
      connection.send(head);
      connection.send(data.toByteArray());
      return answer(connection.readBinary());
    }
  }

  private static String input(
      String name, ArrayTensor tensor, boolean binary, ByteArrayOutputStream data) {
    String content = "\"data\":" + list(JsonTensors.toJson(tensor));
    if (binary) {
      byte[] raw = raw(tensor);
      data.writeBytes(raw);
      content = "\"parameters\":{\"binary_data_size\":" + raw.length + "}";
    }
    return "{\"name\":%s,\"shape\":%s,\"datatype\":\"%s\",%s}"
        .formatted(new JsonPrimitive(name), tensor.shape(), datatype(tensor.dtype()), content);
  }

  /** A single value as a list, for the protocol has no other form. */
  private static String list(String json) {
    return json.startsWith("[") ? json : "[" + json + "]";
  }

  private static CaseAnswer answer(RawConnection.BinaryAnswer answer) {
    String length = answer.headers().get("inference-header-content-length");
    int jsonLength = length == null ? answer.body().length : Integer.parseInt(length);
    JsonObject json =
        JsonParser.parseString(new String(answer.body(), 0, jsonLength, StandardCharsets.UTF_8))
            .getAsJsonObject();
    if (answer.status() != 200) {
      return new CaseAnswer.Refusal(code(answer.status()), json.get("error").getAsString());
    }
    int at = jsonLength;
    Map<String, ArrayTensor> outputs = new TreeMap<>();
    for (JsonElement element : json.getAsJsonArray("outputs")) {
      JsonObject output = element.getAsJsonObject();
      DType dtype = dtype(output.get("datatype").getAsString());
      Shape shape = shape(output.getAsJsonArray("shape"));
      String name = output.get("name").getAsString();
      if (output.has("data")) {
        outputs.put(name, flat(output.getAsJsonArray("data"), dtype, shape));
      } else {
        int size = output.getAsJsonObject("parameters").get("binary_data_size").getAsInt();
        outputs.put(name, tensor(dtype, shape, Arrays.copyOfRange(answer.body(), at, at + size)));
        at += size;
      }
    }
    return new CaseAnswer.Outputs(outputs);
  }

  private static Shape shape(JsonArray dims) {
    return Shape.of(dims.asList().stream().mapToLong(JsonElement::getAsLong).toArray());
  }

  private static ArrayTensor flat(JsonArray data, DType dtype, Shape shape) {
    ArrayTensor list = JsonTensors.fromJson(data, dtype, Shape.of(data.size()));
    return new ArrayTensor(dtype, shape, list.elements());
  }

  private static String code(int status) {
    return switch (status) {
      case 400 -> "INVALID_ARGUMENT";
      case 404 -> "NOT_FOUND";
      case 429 -> "RESOURCE_EXHAUSTED";
      case 501 -> "UNIMPLEMENTED";
      case 503 -> "UNAVAILABLE";
      default -> "HTTP " + status;
    };
  }
}
