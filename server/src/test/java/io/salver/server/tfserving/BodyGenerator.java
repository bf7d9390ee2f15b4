package io.salver.server.tfserving;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Makes signatures and bodies for them: mostly right ones, some with one thing wrong. */
final class BodyGenerator {
  private static final DType[] DTYPES = {
    DType.FLOAT32,
    DType.FLOAT64,
    DType.INT32,
    DType.INT64,
    DType.UINT8,
    DType.INT8,
    DType.INT16,
    DType.UINT16,
    DType.UINT32,
    DType.UINT64,
    DType.BOOL,
    DType.STRING,
    DType.FLOAT16
  };
  private static final String[] SPACES = {"", "", "", "", " ", "\n  ", "\t", "\r\n"};
  private static final String[] ODD = {
    "null",
    "\"x\"",
    "true",
    "1.5",
    "1",
    "-1",
    "{}",
    "[]",
    "[1]",
    "{\"b64\":\"YQ==\"}",
    "NaN",
    "1e400000",
    "300",
    "70000",
    "5000000000",
    "18446744073709551616",
    "{\"a\":1}",
    "[[]]"
  };

  private final Random random;
  private boolean wrong;

  BodyGenerator(Random random) {
    this.random = random;
  }

  Signature signature() {
    int count = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1;
    List<TensorSpec> inputs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      DType dtype = DTYPES[random.nextInt(DTYPES.length)];
      inputs.add(TensorSpec.of("in" + i, dtype, Shape.UNKNOWN_RANK));
    }
    return new Signature(Signature.DEFAULT_NAME, "", inputs, List.of());
  }

  /** A body; one in five has something wrong in it, perhaps. */
  String body(Signature signature) {
    wrong = random.nextInt(5) == 0;
    List<String> members = new ArrayList<>();
    boolean rows = random.nextBoolean();
    members.add(
        quoted(rows ? "instances" : "inputs")
            + space()
            + ":"
            + (rows ? instances(signature) : inputs(signature)));
    if (random.nextInt(3) == 0) {
      members.add("\"signature_name\":" + space() + "\"serving_default\"");
    }
    if (random.nextInt(3) == 0) {
      members.add("\"extra\":{\"deep\":[[1,{\"x\":null}],\"" + text() + "\"]}");
    }
    Collections.shuffle(members, random);
    return space() + object(members) + (random.nextInt(10) == 0 ? "garbage]" : "");
  }

  private String space() {
    return SPACES[random.nextInt(SPACES.length)];
  }

  private String object(List<String> members) {
    return "{" + space() + String.join("," + space(), members) + space() + "}";
  }

  private String instances(Signature signature) {
    int rows = 1 + (random.nextInt(20) == 0 ? random.nextInt(60) : random.nextInt(4));
    List<int[]> shapes = shapes(signature);
    boolean objects = signature.inputs().size() > 1 || random.nextInt(3) == 0;
    List<String> list = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      list.add(
          objects
              ? members(signature, shapes)
              : value(signature.inputs().getFirst().dtype(), shapes.getFirst(), 0));
    }
    return list(list);
  }

  private String inputs(Signature signature) {
    List<int[]> shapes = shapes(signature);
    return signature.inputs().size() > 1 || random.nextInt(3) == 0
        ? members(signature, shapes)
        : value(signature.inputs().getFirst().dtype(), shapes.getFirst(), 0);
  }

  private List<int[]> shapes(Signature signature) {
    List<int[]> shapes = new ArrayList<>();
    for (int i = 0; i < signature.inputs().size(); i++) {
      int[] shape = new int[random.nextInt(4)];
      for (int d = 0; d < shape.length; d++) {
        shape[d] = random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(4);
      }
      shapes.add(shape);
    }
    return shapes;
  }

  private String members(Signature signature, List<int[]> shapes) {
    List<String> members = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      TensorSpec spec = signature.inputs().get(i);
      String name = isWrong(40) ? "other" : spec.name();
      members.add(quoted(name) + space() + ":" + space() + value(spec.dtype(), shapes.get(i), 0));
    }
    if (isWrong(40)) {
      members.removeLast();
    }
    Collections.shuffle(members, random);
    return object(members);
  }

  private boolean isWrong(int oneIn) {
    return wrong && random.nextInt(oneIn) == 0;
  }

  private String value(DType dtype, int[] shape, int dim) {
    if (isWrong(30)) {
      return ODD[random.nextInt(ODD.length)];
    }
    if (dim == shape.length) {
      return scalar(dtype);
    }
    int size = shape[dim] + (isWrong(20) ? 1 : 0);
    List<String> list = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      list.add(value(dtype, shape, dim + 1));
    }
    return list(list);
  }

  private String list(List<String> elements) {
    return "["
        + space()
        + String.join(space() + "," + space(), elements)
        + (elements.isEmpty() ? "" : space())
        + "]";
  }

  private String scalar(DType dtype) {
    return switch (dtype) {
      case BOOL -> String.valueOf(random.nextBoolean());
      case STRING -> string();
      case FLOAT32, FLOAT64, FLOAT16 -> number();
      case INT8 -> String.valueOf((byte) random.nextInt());
      case INT16 -> String.valueOf((short) random.nextInt());
      case INT32 -> String.valueOf(random.nextInt());
      case INT64 -> String.valueOf(random.nextLong());
      case UINT8 -> String.valueOf(random.nextInt() & 0xFF);
      case UINT16 -> String.valueOf(random.nextInt() & 0xFFFF);
      case UINT32 -> Integer.toUnsignedString(random.nextInt());
      case UINT64 -> Long.toUnsignedString(random.nextLong());
      case BFLOAT16, COMPLEX64, COMPLEX128 -> throw new AssertionError(dtype);
    };
  }

  private String number() {
    return switch (random.nextInt(10)) {
      case 0 -> String.valueOf(random.nextInt(-1000, 1000));
      case 1 -> new String[] {"NaN", "Infinity", "-Infinity", "0", "-0.0"}[random.nextInt(5)];
      case 2 -> (random.nextInt(-99, 99) + "E" + random.nextInt(-50, 50));
      case 3 -> String.valueOf(Float.intBitsToFloat(random.nextInt() & 0xBFFFFFFF));
      case 4 -> String.valueOf(random.nextGaussian());
      case 5 -> String.valueOf(random.nextLong());
      default -> String.valueOf(random.nextInt(100_000) / 1000.0);
    };
  }

  private String string() {
    if (random.nextInt(4) > 0) {
      return quoted(text());
    }
    String base64 = Base64.getEncoder().encodeToString(text().getBytes(StandardCharsets.UTF_8));
    return "{" + space() + "\"b64\"" + space() + ":" + space() + quoted(base64) + space() + "}";
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      text.append(random.nextInt(8) == 0 ? "\u00e9\u20ac".charAt(random.nextInt(2)) : 'a');
    }
    return text.toString();
  }

  private String quoted(String text) {
    return random.nextInt(8) == 0 && !text.isEmpty()
        ? "\"" + String.format("\\u%04x", (int) text.charAt(0)) + text.substring(1) + "\""
        : "\"" + text + "\"";
  }
}
