package io.salver.it;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.ArrayTensor;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Tensors as the REST interface carries them, written and read by other means than the server's.
 */
final class JsonTensors {
  private JsonTensors() {}

  /** The tensor as nested lists; NaN and Infinity are bare, as TensorFlow Serving takes them. */
  static String toJson(ArrayTensor tensor) {
    StringBuilder out = new StringBuilder();
    write(scalars(tensor).iterator(), tensor.shape(), 0, out);
    return out.toString();
  }

  private static void write(Iterator<String> scalars, Shape shape, int axis, StringBuilder out) {
    if (axis == shape.rank()) {
      out.append(scalars.next());
      return;
    }
    out.append('[');
    for (long i = 0; i < shape.dim(axis); i++) {
      out.append(i == 0 ? "" : ",");
      write(scalars, shape, axis + 1, out);
    }
    out.append(']');
  }

  private static Stream<String> scalars(ArrayTensor tensor) {
    return switch (tensor.elements()) {
      case byte[][] strings -> Arrays.stream(strings).map(JsonTensors::string);
      case float[] floats ->
          IntStream.range(0, floats.length).mapToObj(i -> Float.toString(floats[i]));
      case double[] doubles -> Arrays.stream(doubles).mapToObj(Double::toString);
      case Object integers ->
          Arrays.stream(Integers.widened(tensor.dtype(), integers))
              .mapToObj(value -> integer(tensor.dtype(), value));
    };
  }

  private static String integer(DType dtype, long value) {
    return switch (dtype) {
      case BOOL -> Boolean.toString(value != 0);
      case UINT64 -> Long.toUnsignedString(value);
      case FLOAT16 -> Float.toString(Float.float16ToFloat((short) value));
      case BFLOAT16 -> Float.toString(Float.intBitsToFloat((int) value << 16));
      default -> Long.toString(value);
    };
  }

  private static String string(byte[] bytes) {
    return utf8(bytes)
        .map(text -> new JsonPrimitive(text).toString())
        .orElseGet(() -> "{\"b64\": \"" + Base64.getEncoder().encodeToString(bytes) + "\"}");
  }

  private static Optional<String> utf8(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** The tensor that {@code json} holds if it is of this type and shape; else the test fails. */
  static ArrayTensor fromJson(JsonElement json, DType dtype, Shape shape) {
    List<JsonElement> scalars = new ArrayList<>();
    flatten(json, shape, 0, scalars);
    return new ArrayTensor(dtype, shape, elements(dtype, scalars));
  }

  private static void flatten(JsonElement json, Shape shape, int axis, List<JsonElement> out) {
    if (axis == shape.rank()) {
      if (json.isJsonArray()) {
        throw new AssertionError("a list where a value belongs: " + json);
      }
      out.add(json);
      return;
    }
    if (!(json instanceof JsonArray list) || list.size() != shape.dim(axis)) {
      throw new AssertionError(json + " (expected: " + shape.dim(axis) + " at axis " + axis + ")");
    }
    list.forEach(element -> flatten(element, shape, axis + 1, out));
  }

  private static Object elements(DType dtype, List<JsonElement> scalars) {
    return switch (dtype) {
      case STRING -> scalars.stream().map(JsonTensors::bytes).toArray(byte[][]::new);
      case FLOAT32 -> {
        float[] floats = new float[scalars.size()];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = Float.parseFloat(scalars.get(i).getAsString());
        }
        yield floats;
      }
      case FLOAT64 ->
          scalars.stream().mapToDouble(s -> Double.parseDouble(s.getAsString())).toArray();
      default ->
          Integers.narrowed(dtype, scalars.stream().mapToLong(s -> integer(dtype, s)).toArray());
    };
  }

  private static long integer(DType dtype, JsonElement scalar) {
    String text = scalar.getAsString();
    return switch (dtype) {
      case BOOL -> scalar.getAsJsonPrimitive().isBoolean() && scalar.getAsBoolean() ? 1 : 0;
      case FLOAT16 -> Float.floatToFloat16(Float.parseFloat(text));
      case BFLOAT16 -> nearestBfloat16(Float.parseFloat(text));
      default -> new BigInteger(text).longValue();
    };
  }

  /** Of a number that is near one, as a rounded decimal is. */
  private static int nearestBfloat16(float value) {
    return (Float.floatToRawIntBits(value) + 0x8000) >>> 16;
  }

  private static byte[] bytes(JsonElement scalar) {
    if (scalar.isJsonObject()) {
      return Base64.getDecoder().decode(scalar.getAsJsonObject().get("b64").getAsString());
    }
    return scalar.getAsString().getBytes(StandardCharsets.UTF_8);
  }
}
