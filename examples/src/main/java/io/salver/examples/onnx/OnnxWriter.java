package io.salver.examples.onnx;

import io.salver.wire.ProtoWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes one model in the ONNX format: IR version 8, operator set 15, FLOAT tensors.
 *
 * <p>Inputs, outputs, initialisers and nodes are written in the order in which they are added;
 * nodes must be added after what they read. The same calls give the same bytes on every machine.
 * Used by one thread.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>
 */
public final class OnnxWriter {
  /** The name of the batch dimension; inputs and outputs that use it have the same batch size. */
  public static final String BATCH = "batch";

  private static final int IR_VERSION = 8;
  private static final int OPERATOR_SET = 15;
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int ATTRIBUTE_INT = 2;
  private static final int ATTRIBUTE_INTS = 7;

  private final ProtoWriter graph = new ProtoWriter();
  private final ProtoWriter model = new ProtoWriter();

  /**
   * Starts a model.
   *
   * @param name of the graph
   * @param version of the model, at least 1
   * @param description one sentence, shown by tools that open the file
   */
  public OnnxWriter(String name, long version, String description) {
    if (version < 1) {
      throw new IllegalArgumentException("version: " + version + " (expected: >= 1)");
    }
    model
        .int64(1, IR_VERSION)
        .string(2, "salver-examples")
        .string(3, "1")
        .string(4, "io.salver.examples")
        .int64(5, version)
        .string(6, description);
    graph.string(2, name).string(10, description);
  }

  /** Adds a FLOAT input of shape {@code [batch, ...rowDimensions]}. */
  public OnnxWriter input(String name, String description, int... rowDimensions) {
    graph.message(11, rows(name, description, rowDimensions));
    return this;
  }

  /** Adds a FLOAT output of shape {@code [batch, ...rowDimensions]}. */
  public OnnxWriter output(String name, String description, int... rowDimensions) {
    graph.message(12, rows(name, description, rowDimensions));
    return this;
  }

  /** Adds a FLOAT constant, its values in row-major order. A scalar has no dimensions. */
  public OnnxWriter floats(String name, List<Integer> dimensions, float... values) {
    requireCount(name, dimensions, values.length);
    ByteBuffer raw = ByteBuffer.allocate(Float.BYTES * values.length);
    raw.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return constant(name, FLOAT, dimensions, raw.array());
  }

  /** Adds an INT64 constant of one dimension. */
  public OnnxWriter int64s(String name, long... values) {
    ByteBuffer raw = ByteBuffer.allocate(Long.BYTES * values.length);
    raw.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
    return constant(name, INT64, List.of(values.length), raw.array());
  }

  /** Adds a node of the standard operator set. Its name is that of its output. */
  public OnnxWriter node(String operator, List<String> inputs, String output) {
    return node(operator, inputs, output, Map.of());
  }

  /** Adds a node of the standard operator set with integer attributes, written in name order. */
  public OnnxWriter node(
      String operator, List<String> inputs, String output, Map<String, Long> attributes) {
    return node(operator, inputs, output, attributes, Map.of());
  }

  /** As above, and after those the attributes that are lists of integers, in name order. */
  public OnnxWriter node(
      String operator,
      List<String> inputs,
      String output,
      Map<String, Long> attributes,
      Map<String, List<Long>> lists) {
    ProtoWriter node = new ProtoWriter();
    inputs.forEach(input -> node.string(1, input));
    node.string(2, output).string(3, output).string(4, operator);
    new TreeMap<>(attributes)
        .forEach((name, value) ->
            node.message(
                5, new ProtoWriter().string(1, name).int64(3, value).int64(20, ATTRIBUTE_INT)));
    new TreeMap<>(lists)
        .forEach((name, values) -> {
          ProtoWriter attribute = new ProtoWriter().string(1, name);
          values.forEach(value -> attribute.int64(8, value));
          node.message(5, attribute.int64(20, ATTRIBUTE_INTS));
        });
    graph.message(1, node);
    return this;
  }

  /** Adds an entry to the model's metadata. */
  public OnnxWriter metadata(String key, String value) {
    model.message(14, new ProtoWriter().string(1, key).string(2, value));
    return this;
  }

  /** Ends the model; the writer is not used after this. */
  public byte[] toByteArray() {
    ProtoWriter operatorSet = new ProtoWriter().string(1, "").int64(2, OPERATOR_SET);
    return model.message(7, graph).message(8, operatorSet).toByteArray();
  }

  private OnnxWriter constant(String name, int type, List<Integer> dimensions, byte[] raw) {
    ProtoWriter tensor = new ProtoWriter();
    dimensions.forEach(dimension -> tensor.int64(1, dimension));
    graph.message(5, tensor.int64(2, type).string(8, name).bytes(9, raw));
    return this;
  }

  private static ProtoWriter rows(String name, String description, int... rowDimensions) {
    ProtoWriter shape = new ProtoWriter().message(1, new ProtoWriter().string(2, BATCH));
    for (int dimension : rowDimensions) {
      shape.message(1, new ProtoWriter().int64(1, dimension));
    }
    ProtoWriter tensor = new ProtoWriter().int64(1, FLOAT).message(2, shape);
    ProtoWriter type = new ProtoWriter().message(1, tensor);
    return new ProtoWriter().string(1, name).message(2, type).string(3, description);
  }

  private static void requireCount(String name, List<Integer> dimensions, int count) {
    long expected =
        dimensions.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    if (count != expected) {
      throw new IllegalArgumentException(
          name
              + ": "
              + count
              + " values (expected: "
              + expected
              + " for shape "
              + dimensions
              + ")");
    }
  }
}
