package io.salver.engine.tflite;

import static io.salver.testkit.cases.FlatWriter.table;

import io.salver.testkit.cases.FlatWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Small model files, part by part, so that tests can have any part wrong. */
final class Models {
  static final byte FLOAT32 = 0;
  static final byte INT32 = 2;
  static final byte STRING = 5;
  static final byte INT8 = 9;
  static final int ADD = 0;
  static final int MUL = 18;
  static final int RESHAPE = 22;
  static final int CUSTOM = 32;
  static final int WHILE = 119;

  final List<Map<Integer, Object>> codes = new ArrayList<>();
  final List<Map<Integer, Object>> buffers = new ArrayList<>(List.of(table()));
  final List<Map<Integer, Object>> tensors = new ArrayList<>();
  final List<Map<Integer, Object>> operators = new ArrayList<>();
  final Map<Integer, Object> graph = table(0, tensors, 3, operators);
  final Map<Integer, Object> model =
      table(0, 3, 1, codes, 2, new ArrayList<>(List.of(graph)), 3, "made for tests", 4, buffers);

  /** {@code y = 0.5 x + 2} for rows of one number, which may be any. */
  static Models halfPlusTwo() {
    Models made = new Models();
    int x = made.tensor("x:0", FLOAT32, 0, 1, 1);
    made.tensors.get(x).put(7, new int[] {-1, 1});
    int half = made.tensor("half", FLOAT32, made.buffer(floats(0.5f)), 1);
    int two = made.tensor("two", FLOAT32, made.buffer(floats(2)), 1);
    int product = made.tensor("product", FLOAT32, 0, 1, 1);
    int y = made.tensor("y", FLOAT32, 0, 1, 1);
    made.tensors.get(y).put(7, new int[] {-1, 1});
    made.operator(made.code(MUL), new int[] {x, half}, product);
    made.operator(made.code(ADD), new int[] {product, two}, y);
    made.ends(new int[] {x}, y);
    return made;
  }

  /** Gives back three texts. */
  static Models texts() {
    Models made = new Models();
    int in = made.tensor("in", STRING, 0, 3);
    int shape = made.tensor("shape", INT32, made.buffer(ints(3)), 1);
    int out = made.tensor("out", STRING, 0, 3);
    made.operator(made.code(RESHAPE), new int[] {in, shape}, out);
    made.ends(new int[] {in}, out);
    return made;
  }

  int buffer(byte[] content) {
    buffers.add(table(0, content));
    return buffers.size() - 1;
  }

  int tensor(String name, byte type, int buffer, int... shape) {
    tensors.add(table(0, shape, 1, type, 2, buffer, 3, name));
    return tensors.size() - 1;
  }

  int code(int operator) {
    codes.add(table(0, (byte) operator, 2, 1, 3, operator));
    return codes.size() - 1;
  }

  void operator(int code, int[] inputs, int... outputs) {
    operators.add(table(0, code, 1, inputs, 2, outputs));
  }

  void ends(int[] inputs, int... outputs) {
    graph.put(1, inputs);
    graph.put(2, outputs);
  }

  byte[] write() {
    return FlatWriter.write("TFL3", model);
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  static byte[] ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.array();
  }
}
