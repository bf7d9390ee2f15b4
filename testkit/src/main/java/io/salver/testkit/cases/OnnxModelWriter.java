package io.salver.testkit.cases;

import io.salver.wire.ProtoWriter;
import java.util.List;

/** Writes small ONNX models for tests. The field numbers are those of onnx.proto. */
public final class OnnxModelWriter {
  /** Element types, by ONNX's numbers. */
  public static final int FLOAT = 1;

  /** The number of int64 elements. */
  public static final int INT64 = 7;

  /** The number of string elements. */
  public static final int STRING = 8;

  private static final int IR_VERSION = 8;
  private static final int OPSET = 15;
  private static final int ML_OPSET = 2;
  private static final int EXTERNAL = 1;

  private final ProtoWriter graph = new ProtoWriter();
  private int irVersion = IR_VERSION;

  /** A model with an empty graph. */
  public OnnxModelWriter() {
    graph.string(2, "test");
  }

  /** The model {@code y = x / 2 + 2} with {@code x} of {@code [batch]}. */
  public static OnnxModelWriter halfPlusTwo() {
    return new OnnxModelWriter()
        .initializer("half", new float[] {0.5f})
        .initializer("two", new float[] {2})
        .node("", "Mul", List.of("x", "half"), List.of("h"))
        .node("", "Add", List.of("h", "two"), List.of("y"))
        .input("x", FLOAT, "batch")
        .output("y", FLOAT, "batch");
  }

  /** The version of the format that the model claims to be of. */
  public OnnxModelWriter irVersion(int version) {
    irVersion = version;
    return this;
  }

  /** A node; its domain is empty for the standard operators. */
  public OnnxModelWriter node(
      String domain,
      String op,
      List<String> inputs,
      List<String> outputs,
      ProtoWriter... attributes) {
    ProtoWriter node = new ProtoWriter();
    inputs.forEach(input -> node.string(1, input));
    outputs.forEach(output -> node.string(2, output));
    node.string(4, op);
    for (ProtoWriter attribute : attributes) {
      node.message(5, attribute);
    }
    node.string(7, domain);
    graph.message(1, node);
    return this;
  }

  /** An attribute that is a list of integers. */
  public static ProtoWriter ints(String name, long... values) {
    ProtoWriter attribute = new ProtoWriter().string(1, name);
    for (long value : values) {
      attribute.int64(8, value);
    }
    return attribute.int64(20, 7);
  }

  /** An attribute that is a list of strings. */
  public static ProtoWriter strings(String name, String... values) {
    ProtoWriter attribute = new ProtoWriter().string(1, name);
    for (String value : values) {
      attribute.string(9, value);
    }
    return attribute.int64(20, 8);
  }

  /** An attribute that is a tensor. */
  public static ProtoWriter tensor(String name, ProtoWriter tensor) {
    return new ProtoWriter().string(1, name).message(5, tensor).int64(20, 4);
  }

  /** An attribute that is a graph: that of another model. */
  public static ProtoWriter graph(String name, OnnxModelWriter model) {
    return new ProtoWriter().string(1, name).message(6, model.graph).int64(20, 5);
  }

  /** A tensor with one dimension inside the graph. */
  public OnnxModelWriter initializer(String name, float[] values) {
    graph.message(
        5,
        new ProtoWriter()
            .packedInt64(1, values.length)
            .int64(2, FLOAT)
            .packedFloat32(4, values)
            .string(8, name));
    return this;
  }

  /** A tensor of floats whose elements lie in another file. */
  public OnnxModelWriter externalInitializer(
      String name, int length, String location, long offsetBytes) {
    graph.message(5, externalTensor(name, length, location, offsetBytes));
    return this;
  }

  /** A {@code TensorProto} of floats whose elements lie in another file. */
  public static ProtoWriter externalTensor(
      String name, int length, String location, long offsetBytes) {
    return new ProtoWriter()
        .packedInt64(1, length)
        .int64(2, FLOAT)
        .string(8, name)
        .message(13, entry("location", location))
        .message(13, entry("offset", Long.toString(offsetBytes)))
        .message(13, entry("length", Long.toString((long) length * Float.BYTES)))
        .int64(14, EXTERNAL);
  }

  private static ProtoWriter entry(String key, String value) {
    return new ProtoWriter().string(1, key).string(2, value);
  }

  /** An input; a dimension is a number, or a symbol's name, or empty if it is unknown. */
  public OnnxModelWriter input(String name, int elementType, Object... dims) {
    return input(name, tensorType(elementType, dims));
  }

  /** An input of any type. */
  public OnnxModelWriter input(String name, ProtoWriter type) {
    graph.message(11, value(name, type));
    return this;
  }

  /** An output that is a tensor; see {@link #input}. */
  public OnnxModelWriter output(String name, int elementType, Object... dims) {
    return output(name, tensorType(elementType, dims));
  }

  /** An output of any type. */
  public OnnxModelWriter output(String name, ProtoWriter type) {
    graph.message(12, value(name, type));
    return this;
  }

  /** The type of a sequence. */
  public static ProtoWriter sequenceType(ProtoWriter element) {
    return new ProtoWriter().message(4, new ProtoWriter().message(1, element));
  }

  /** The type of a map. */
  public static ProtoWriter mapType(int keyType, ProtoWriter value) {
    return new ProtoWriter().message(5, new ProtoWriter().int64(1, keyType).message(2, value));
  }

  /** The type of an optional value. */
  public static ProtoWriter optionalType(ProtoWriter element) {
    return new ProtoWriter().message(9, new ProtoWriter().message(1, element));
  }

  /** The type of a tensor; see {@link #input}. */
  public static ProtoWriter tensorType(int elementType, Object... dims) {
    ProtoWriter shape = new ProtoWriter();
    for (Object dim : dims) {
      ProtoWriter written = new ProtoWriter();
      switch (dim) {
        case Number number -> written.int64(1, number.longValue());
        case String symbol when symbol.isEmpty() -> {}
        case String symbol -> written.string(2, symbol);
        default -> throw new IllegalArgumentException("dimension: " + dim);
      }
      shape.message(1, written);
    }
    return new ProtoWriter().message(1, new ProtoWriter().int64(1, elementType).message(2, shape));
  }

  private static ProtoWriter value(String name, ProtoWriter type) {
    return new ProtoWriter().string(1, name).message(2, type);
  }

  /** The model's file. */
  public byte[] toByteArray() {
    return new ProtoWriter()
        .int64(1, irVersion)
        .message(7, graph)
        .message(8, new ProtoWriter().string(1, "").int64(2, OPSET))
        .message(8, new ProtoWriter().string(1, "ai.onnx.ml").int64(2, ML_OPSET))
        .toByteArray();
  }
}
