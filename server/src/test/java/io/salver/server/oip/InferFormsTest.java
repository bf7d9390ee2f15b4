package io.salver.server.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.salver.server.oip.proto.InferTensorContents;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.oip.proto.ModelInferRequest.InferInputTensor;
import io.salver.server.oip.proto.ModelInferResponse;
import io.salver.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random tensors of every type, sent in every form: what comes back is what was sent. */
@Timeout(120)
final class InferFormsTest {
  private static final int ROUNDS = 40;
  private static final long SEED = 20_261_127;

  private static OipFixture server;

  @BeforeAll
  static void start() {
    server = new OipFixture();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void everyFormGivesBackWhatWasSent(DType dtype) {
    SplittableRandom random = new SplittableRandom(SEED + dtype.ordinal());
    for (int round = 0; round < ROUNDS; round++) {
      long[] shape = random.longs(random.nextInt(4), 0, 4).toArray();
      int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      byte[] raw = elements(dtype, count, random);
      String what = "seed " + SEED + ", " + dtype + Arrays.toString(shape) + ", round " + round;
      checkRaw(dtype, shape, raw, what);
      checkBinary(dtype, shape, raw, what);
      if (hasOtherForms(dtype)) {
        checkTyped(dtype, shape, raw, what);
        checkJson(dtype, shape, raw, what);
      }
    }
  }

  private static boolean hasOtherForms(DType dtype) {
    return switch (dtype) {
      case FLOAT16, BFLOAT16, COMPLEX64, COMPLEX128 -> false;
      default -> true;
    };
  }

  private static byte[] elements(DType dtype, int count, SplittableRandom random) {
    if (dtype != DType.STRING) {
      byte[] raw = new byte[count * dtype.sizeBytes()];
      random.nextBytes(raw);
      if (dtype == DType.BOOL) {
        for (int i = 0; i < raw.length; i++) {
          raw[i] &= 1;
        }
      }
      return dtype == DType.FLOAT32 || dtype == DType.FLOAT64 ? finite(dtype, raw) : raw;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      String text =
          random
              .ints(random.nextInt(6), 1, 0x2fff)
              .filter(Character::isDefined)
              .filter(c -> !Character.isSurrogate((char) c))
              .mapToObj(Character::toString)
              .collect(Collectors.joining());
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      out.writeBytes(little(4).putInt(bytes.length).array());
      out.writeBytes(bytes);
    }
    return out.toByteArray();
  }

  /** Without NaN, whose bits JSON does not carry. */
  private static byte[] finite(DType dtype, byte[] raw) {
    ByteBuffer bytes = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < raw.length; i += dtype.sizeBytes()) {
      if (dtype == DType.FLOAT32 && Float.isNaN(bytes.getFloat(i))) {
        bytes.putFloat(i, Float.NEGATIVE_INFINITY);
      } else if (dtype == DType.FLOAT64 && Double.isNaN(bytes.getDouble(i))) {
        bytes.putDouble(i, -0.0);
      }
    }
    return raw;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ModelInferRequest.Builder request(DType dtype, InferInputTensor.Builder input) {
    return ModelInferRequest.newBuilder()
        .setModelName("echo_" + Datatypes.name(dtype))
        .addInputs(input);
  }

  private static void check(ModelInferResponse answer, long[] shape, byte[] raw, String what) {
    assertThat(answer.getOutputs(0).getShapeList())
        .as(what)
        .isEqualTo(LongStream.of(shape).boxed().toList());
    assertThat(answer.getRawOutputContents(0)).as(what).isEqualTo(ByteString.copyFrom(raw));
  }

  private static void checkRaw(DType dtype, long[] shape, byte[] raw, String what) {
    InferInputTensor.Builder input = InferGrpcTest.input("x", Datatypes.name(dtype), shape);
    check(
        server.infer(request(dtype, input).addRawInputContents(ByteString.copyFrom(raw)).build()),
        shape,
        raw,
        what);
  }

  private static void checkTyped(DType dtype, long[] shape, byte[] raw, String what) {
    InferInputTensor.Builder input =
        InferGrpcTest.input("x", Datatypes.name(dtype), shape).setContents(typed(dtype, raw));
    check(server.infer(request(dtype, input).build()), shape, raw, what);
  }

  private static InferTensorContents.Builder typed(DType dtype, byte[] raw) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    ByteBuffer bytes = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      switch (dtype) {
        case BOOL -> contents.addBoolContents(bytes.get() != 0);
        case INT8 -> contents.addIntContents(bytes.get());
        case INT16 -> contents.addIntContents(bytes.getShort());
        case INT32 -> contents.addIntContents(bytes.getInt());
        case INT64 -> contents.addInt64Contents(bytes.getLong());
        case UINT8 -> contents.addUintContents(bytes.get() & 0xff);
        case UINT16 -> contents.addUintContents(bytes.getShort() & 0xffff);
        case UINT32 -> contents.addUintContents(bytes.getInt());
        case UINT64 -> contents.addUint64Contents(bytes.getLong());
        case FLOAT32 -> contents.addFp32Contents(bytes.getFloat());
        case FLOAT64 -> contents.addFp64Contents(bytes.getDouble());
        case STRING -> contents.addBytesContents(ByteString.copyFrom(string(bytes)));
        default -> throw new AssertionError(dtype);
      }
    }
    return contents;
  }

  private static byte[] string(ByteBuffer bytes) {
    byte[] string = new byte[bytes.getInt()];
    bytes.get(string);
    return string;
  }

  private static String head(DType dtype, long[] shape) {
    return "{\"inputs\":[{\"name\":\"x\",\"datatype\":\""
        + Datatypes.name(dtype)
        + "\",\"shape\":"
        + Arrays.toString(shape);
  }

  private static void checkBinary(DType dtype, long[] shape, byte[] raw, String what) {
    byte[] json =
        (head(dtype, shape)
                + ",\"parameters\":{\"binary_data_size\":"
                + raw.length
                + "}}],\"parameters\":{\"binary_data_output\":true}}")
            .getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(json);
    body.writeBytes(raw);
    assertThat(
            binaryOf(
                server.post(
                    "/v2/models/echo_" + Datatypes.name(dtype) + "/infer",
                    body.toByteArray(),
                    OipFixture.JSON_LENGTH,
                    String.valueOf(json.length)),
                what))
        .as(what)
        .isEqualTo(raw);
  }

  private static byte[] binaryOf(HttpResponse<byte[]> answer, String what) {
    assertThat(answer.statusCode()).as(what + ": " + InferRestTest.text(answer)).isEqualTo(200);
    int length =
        answer
            .headers()
            .firstValue(OipFixture.JSON_LENGTH)
            .map(Integer::parseInt)
            .orElse(answer.body().length);
    return Arrays.copyOfRange(answer.body(), length, answer.body().length);
  }

  /** Sends the text that was answered for the binary form, and asks for that form back. */
  private static void checkJson(DType dtype, long[] shape, byte[] raw, String what) {
    String path = "/v2/models/echo_" + Datatypes.name(dtype) + "/infer";
    String data = json(dtype, raw).toString();
    HttpResponse<byte[]> answer =
        server.post(
            path,
            head(dtype, shape)
                + ",\"data\":"
                + data
                + "}],\"parameters\":{\"binary_data_output\":true}}");
    assertThat(binaryOf(answer, what)).as(what).isEqualTo(raw);
    String text =
        InferRestTest.text(server.post(path, head(dtype, shape) + ",\"data\":" + data + "}]}"));
    String again = text.substring(text.indexOf("\"data\":") + 7, text.length() - 3);
    HttpResponse<byte[]> echoed =
        server.post(
            path,
            head(dtype, shape)
                + ",\"data\":"
                + again
                + "}],\"parameters\":{\"binary_data_output\":true}}");
    assertThat(binaryOf(echoed, what)).as(what + " through " + again).isEqualTo(raw);
  }

  private static List<String> json(DType dtype, byte[] raw) {
    ByteBuffer bytes = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    List<String> values = new ArrayList<>();
    while (bytes.hasRemaining()) {
      values.add(
          switch (dtype) {
            case BOOL -> String.valueOf(bytes.get() != 0);
            case INT8 -> String.valueOf(bytes.get());
            case INT16 -> String.valueOf(bytes.getShort());
            case INT32 -> String.valueOf(bytes.getInt());
            case INT64 -> String.valueOf(bytes.getLong());
            case UINT8 -> String.valueOf(bytes.get() & 0xff);
            case UINT16 -> String.valueOf(bytes.getShort() & 0xffff);
            case UINT32 -> Integer.toUnsignedString(bytes.getInt());
            case UINT64 -> Long.toUnsignedString(bytes.getLong());
            case FLOAT32 -> String.valueOf(bytes.getFloat());
            case FLOAT64 -> String.valueOf(bytes.getDouble());
            case STRING -> quoted(new String(string(bytes), StandardCharsets.UTF_8));
            default -> throw new AssertionError(dtype);
          });
    }
    return values;
  }

  private static String quoted(String text) {
    return text.chars()
        .mapToObj(c -> String.format("\\u%04x", c))
        .collect(Collectors.joining("", "\"", "\""));
  }
}
