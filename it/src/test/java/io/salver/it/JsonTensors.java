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
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Tensors as the REST interface carries them, written and read by other means than the server's. */
final class JsonTensors {
  private JsonTensors() {}

  /** The tensor as nested lists; NaN and Infinity are bare, as TensorFlow Serving takes them. */
  static String toJson(ArrayTensor tensor) {
    StringBuilder out = new StringBuilder();
    write(tensor, 0, 0, out);
    return out.toString();
  }

  private static int write(ArrayTensor tensor, int axis, int element, StringBuilder out) {
    if (axis == tensor.shape().rank()) {
      out.append(scalar(tensor, element));
      return element + 1;
    }
    out.append('[');
    int next = element;
    for (long i = 0; i < tensor.shape().dim(axis); i++) {
      out.append(i == 0 ? "" : ",");
      next = write(tensor, axis + 1, next, out);
    }
    out.append(']');
    return next;
  }

  private static String scalar(ArrayTensor tensor, int i) {
    return switch (tensor.elements()) {
      case byte[][] strings -> string(strings[i]);
      case float[] floats -> Float.toString(floats[i]);
      case double[] doubles -> Double.toString(doubles[i]);
      case Object integers -> integer(tensor.dtype(), Integers.widened(tensor.dtype(), integers)[i]);
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
    switch (dtype) {
      case STRING -> {
        return scalars.stream().map(JsonTensors::bytes).toArray(byte[][]::new);
      }
      case FLOAT32 -> {
        float[] floats = new float[scalars.size()];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = Float.parseFloat(scalars.get(i).getAsString());
        }
        return floats;
      }
      case FLOAT64 -> {
        return scalars.stream().mapToDouble(s -> Double.parseDouble(s.getAsString())).toArray();
      }
      default -> {
        return Integers.narrowed(
            dtype, scalars.stream().mapToLong(s -> integer(dtype, s)).toArray());
      }
    }
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
