package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.server.tfserving.JsonTree.Num;
import io.salver.server.tfserving.JsonTree.Obj;
import io.salver.tensor.DType;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a predict body means, worked out from a tree without any haste: for every input its shape
 * and its elements, or {@link Refused}.
 */
final class PredictOracle {
  /** The body is to be refused. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String why) {
      super(why);
    }
  }

  /** The elements as text, in row-major order. */
  record Value(List<Long> shape, List<String> elements) {}

  private PredictOracle() {}

  static Map<String, Value> read(String body, Signature signature) {
    Obj document = (Obj) JsonTree.parse(body);
    if (document.has("instances") == document.has("inputs")) {
      throw new Refused("both or neither");
    }
    if (document.has("signature_name") && !(document.get("signature_name") instanceof String)) {
      throw new Refused("signature_name is no string");
    }
    return document.has("instances")
        ? rows(document.get("instances"), signature)
        : columns(document.get("inputs"), signature);
  }

  /** What was read, in the same terms. */
  static Map<String, Value> meaning(PredictBody read, Signature signature) {
    Map<String, Value> values = new TreeMap<>();
    for (int i = 0; i < signature.inputs().size(); i++) {
      Tensor tensor = Objects.requireNonNull(read.inputs()[i]);
      assertThat(tensor.dtype()).isEqualTo(signature.inputs().get(i).dtype());
      List<Long> shape = Arrays.stream(tensor.shape().dims()).boxed().toList();
      values.put(signature.inputs().get(i).name(), new Value(shape, elements(tensor)));
    }
    return values;
  }

  private static List<String> elements(Tensor tensor) {
    List<String> elements = new ArrayList<>();
    for (long i = 0; i < tensor.elementCount(); i++) {
      elements.add(element(tensor, i));
    }
    return elements;
  }

  private static String element(Tensor t, long i) {
    return switch (t.dtype()) {
      case BOOL -> String.valueOf(t.getByte(i) != 0);
      case INT8 -> String.valueOf(t.getByte(i));
      case INT16 -> String.valueOf(t.getShort(i));
      case INT32 -> String.valueOf(t.getInt(i));
      case INT64 -> String.valueOf(t.getLong(i));
      case UINT8 -> String.valueOf(t.getByte(i) & 0xFF);
      case UINT16 -> String.valueOf(t.getShort(i) & 0xFFFF);
      case UINT32 -> Integer.toUnsignedString(t.getInt(i));
      case UINT64 -> Long.toUnsignedString(t.getLong(i));
      case FLOAT16 -> Float.toString(Float.float16ToFloat(t.getShort(i)));
      case FLOAT32 -> Float.toString(t.getFloat(i));
      case FLOAT64 -> Double.toString(t.getDouble(i));
      case STRING -> t.getUtf8(i);
      case BFLOAT16, COMPLEX64, COMPLEX128 -> throw new AssertionError(t.dtype());
    };
  }

  private static Map<String, Value> rows(Object instances, Signature signature) {
    if (!(instances instanceof List<?> list) || list.isEmpty()) {
      throw new Refused("instances");
    }
    Map<String, Value> result = new TreeMap<>();
    boolean objects = list.getFirst() instanceof Obj o && !isBase64(o);
    for (TensorSpec spec : signature.inputs()) {
      List<Object> values = new ArrayList<>();
      for (Object row : list) {
        values.add(objects ? named(row, spec.name(), signature) : plain(row, signature));
      }
      Value value = new Value(new ArrayList<>(), new ArrayList<>());
      fill(values, spec.dtype(), value);
      result.put(spec.name(), value);
    }
    return result;
  }

  private static Object named(Object row, String name, Signature signature) {
    if (!(row instanceof Obj object) || isBase64(object)) {
      throw new Refused("row is no object");
    }
    Set<String> keys = new HashSet<>();
    object.members().forEach(m -> keys.add(m.name()));
    Set<String> names = new HashSet<>();
    signature.inputs().forEach(spec -> names.add(spec.name()));
    if (!keys.equals(names)) {
      throw new Refused("keys");
    }
    return object.get(name);
  }

  private static Object plain(Object row, Signature signature) {
    if (signature.inputs().size() != 1 || (row instanceof Obj object && !isBase64(object))) {
      throw new Refused("row");
    }
    return row;
  }

  private static Map<String, Value> columns(Object inputs, Signature signature) {
    Map<String, Value> result = new TreeMap<>();
    boolean named = inputs instanceof Obj o && !isBase64(o);
    if (!named && signature.inputs().size() != 1) {
      throw new Refused("inputs");
    }
    for (TensorSpec spec : signature.inputs()) {
      if (named && !((Obj) inputs).has(spec.name())) {
        throw new Refused("missing");
      }
      Value value = new Value(new ArrayList<>(), new ArrayList<>());
      fill(named ? ((Obj) inputs).get(spec.name()) : inputs, spec.dtype(), value);
      result.put(spec.name(), value);
    }
    return result;
  }

  private static boolean isBase64(Obj object) {
    return object.members().size() == 1 && object.get("b64") instanceof String;
  }

  private static void fill(Object value, DType dtype, Value into) {
    Object first = value;
    while (first instanceof List<?> list) {
      into.shape().add((long) list.size());
      first = list.isEmpty() ? "" : list.getFirst();
    }
    fill(value, 0, dtype, into);
  }

  private static void fill(Object value, int level, DType dtype, Value into) {
    int rank = into.shape().size();
    if (!(value instanceof List<?> list)) {
      if (level != rank) {
        throw new Refused("level");
      }
      into.elements().add(element(value, dtype));
      return;
    }
    if (level >= rank || list.size() != into.shape().get(level)) {
      throw new Refused("size");
    }
    list.forEach(inner -> fill(inner, level + 1, dtype, into));
  }

  private static String element(Object value, DType dtype) {
    return switch (dtype) {
      case BOOL -> bool(value);
      case STRING -> string(value);
      case FLOAT32 -> Float.toString(nearestFloat(value));
      case FLOAT64 -> Double.toString(number(value));
      case FLOAT16 -> Float.toString(half(number(value)));
      case INT8 -> integer(value, 8, true);
      case INT16 -> integer(value, 16, true);
      case INT32 -> integer(value, 32, true);
      case INT64 -> integer(value, 64, true);
      case UINT8 -> integer(value, 8, false);
      case UINT16 -> integer(value, 16, false);
      case UINT32 -> integer(value, 32, false);
      case UINT64 -> integer(value, 64, false);
      case BFLOAT16, COMPLEX64, COMPLEX128 -> throw new Refused("dtype");
    };
  }

  private static String bool(Object value) {
    if (value instanceof Boolean b) {
      return b.toString();
    }
    throw new Refused("no truth value");
  }

  private static String string(Object value) {
    if (value instanceof String s) {
      return s;
    }
    if (value instanceof Obj object && isBase64(object)) {
      try {
        String base64 = ((String) object.get("b64")).replaceAll("[ \\t\\n\\r\\f\\x0B]", "");
        byte[] bytes = Base64.getDecoder().decode(base64);
        return new String(bytes, StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        throw new Refused("base64");
      }
    }
    throw new Refused("no string");
  }

  private static float nearestFloat(Object value) {
    return value instanceof Num num && Double.isFinite(num.toDouble())
        ? Float.parseFloat(num.text())
        : (float) number(value);
  }

  private static double number(Object value) {
    if (value instanceof Num num) {
      return num.toDouble();
    }
    throw new Refused("no number");
  }

  /** The nearest of all finite halves, ties to even; beyond them infinity. */
  private static float half(double value) {
    short near = Float.floatToFloat16((float) value);
    float best = Float.float16ToFloat(near);
    for (int bits = near - 1; bits <= near + 1; bits++) {
      float candidate = Float.float16ToFloat((short) bits);
      if (Float.isFinite(candidate) && Float.isFinite(best)) {
        double closer = Math.abs(value - best) - Math.abs(value - candidate);
        best = closer > 0 || (closer == 0 && (bits & 1) == 0) ? candidate : best;
      }
    }
    return best;
  }

  private static String integer(Object value, int bits, boolean signed) {
    if (!(value instanceof Num num) || !num.isInteger()) {
      throw new Refused("no integer");
    }
    BigInteger integer = new BigInteger(num.text());
    BigInteger end = BigInteger.ONE.shiftLeft(signed ? bits - 1 : bits);
    BigInteger start = signed ? end.negate() : BigInteger.ZERO;
    if (integer.compareTo(start) < 0 || integer.compareTo(end) >= 0) {
      throw new Refused("range");
    }
    return integer.toString();
  }
}
