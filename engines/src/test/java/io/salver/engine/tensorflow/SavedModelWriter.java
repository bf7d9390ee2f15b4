package io.salver.engine.tensorflow;

import io.salver.tensor.DType;
import io.salver.wire.ProtoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes small SavedModels. */
final class SavedModelWriter {
  private final ProtoWriter graph = new ProtoWriter();
  private final List<ProtoWriter> signatures = new ArrayList<>();
  private List<String> tags = List.of("serve");
  private String restoreOp = "";
  private final List<String> assets = new ArrayList<>();

  /** A tensor of a signature; {@code info} has its name and shape. */
  record Port(String name, ProtoWriter info) {}

  /** An attribute of a node. */
  record Attribute(String name, ProtoWriter value) {}

  static Attribute type(String name, int type) {
    return new Attribute(name, new ProtoWriter().int64(6, type));
  }

  static Attribute type(String name, DType dtype) {
    return type(name, TensorFlowTypes.number(dtype));
  }

  static Attribute text(String name, String value) {
    return new Attribute(name, new ProtoWriter().string(2, value));
  }

  static Attribute shape(String name, long... dims) {
    return new Attribute(name, new ProtoWriter().message(7, shapeProto(dims)));
  }

  static Attribute tensor(String name, ProtoWriter value) {
    return new Attribute(name, new ProtoWriter().message(8, value));
  }

  static ProtoWriter shapeProto(long... dims) {
    ProtoWriter shape = new ProtoWriter();
    for (long dim : dims) {
      shape.message(2, new ProtoWriter().int64(1, dim));
    }
    return shape;
  }

  /** A FLOAT32 scalar as a {@code TensorProto}. */
  static ProtoWriter scalar(float value) {
    return new ProtoWriter().int64(1, 1).message(2, shapeProto()).packedFloat32(5, value);
  }

  SavedModelWriter node(String name, String op, List<String> inputs, Attribute... attributes) {
    ProtoWriter node = new ProtoWriter().string(1, name).string(2, op);
    inputs.forEach(input -> node.string(3, input));
    for (Attribute attribute : attributes) {
      node.message(5, new ProtoWriter().string(1, attribute.name()).message(2, attribute.value()));
    }
    graph.message(1, node);
    return this;
  }

  SavedModelWriter placeholder(String name, DType dtype) {
    return node(
        name,
        "Placeholder",
        List.of(),
        type("dtype", dtype),
        new Attribute("shape", new ProtoWriter().message(7, new ProtoWriter().int64(3, 1))));
  }

  SavedModelWriter constant(String name, float value) {
    return node(
        name, "Const", List.of(), type("dtype", DType.FLOAT32), tensor("value", scalar(value)));
  }

  /** A tensor of any shape. */
  static Port port(String name, String tensorName, int type) {
    return new Port(
        name,
        new ProtoWriter()
            .string(1, tensorName)
            .int64(2, type)
            .message(3, new ProtoWriter().int64(3, 1)));
  }

  static Port port(String name, String tensorName, DType dtype) {
    return port(name, tensorName, TensorFlowTypes.number(dtype));
  }

  SavedModelWriter signature(String name, List<Port> inputs, List<Port> outputs) {
    return signature(name, inputs, outputs, new ProtoWriter());
  }

  /** A signature with further fields of its {@code SignatureDef}. */
  SavedModelWriter signature(
      String name, List<Port> inputs, List<Port> outputs, ProtoWriter further) {
    ProtoWriter def = new ProtoWriter();
    inputs.forEach(p -> def.message(1, new ProtoWriter().string(1, p.name).message(2, p.info)));
    outputs.forEach(p -> def.message(2, new ProtoWriter().string(1, p.name).message(2, p.info)));
    def.string(3, "tensorflow/serving/predict");
    byte[] raw = concat(def.toByteArray(), further.toByteArray());
    signatures.add(new ProtoWriter().string(1, name).bytes(2, raw));
    return this;
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  SavedModelWriter tags(String... tags) {
    this.tags = List.of(tags);
    return this;
  }

  SavedModelWriter restoredBy(String op) {
    this.restoreOp = op;
    return this;
  }

  SavedModelWriter asset(String file) {
    assets.add(file);
    return this;
  }

  byte[] toByteArray() {
    ProtoWriter info = new ProtoWriter();
    tags.forEach(tag -> info.string(4, tag));
    graph.message(4, new ProtoWriter().int64(1, 1286));
    ProtoWriter metaGraph = new ProtoWriter().message(1, info).message(2, graph);
    if (!restoreOp.isEmpty()) {
      metaGraph.message(3, new ProtoWriter().string(3, restoreOp));
    }
    signatures.forEach(signature -> metaGraph.message(5, signature));
    assets.forEach(file ->
        metaGraph.message(
            6,
            new ProtoWriter().message(1, new ProtoWriter().string(1, "asset:0")).string(2, file)));
    return new ProtoWriter().int64(1, 1).message(2, metaGraph).toByteArray();
  }

  /** Writes the model into a directory, which is made. */
  void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.write(directory.resolve("saved_model.pb"), toByteArray());
  }

  /** {@code y = x} for an {@code x} of any shape. */
  static SavedModelWriter identity(DType dtype) {
    return new SavedModelWriter()
        .placeholder("x", dtype)
        .node("y", "Identity", List.of("x"), type("T", dtype))
        .signature(
            "serving_default", List.of(port("x", "x:0", dtype)), List.of(port("y", "y:0", dtype)));
  }

  /** {@code y = x / 2 + 2}, and {@code half = x / 2}, for FLOAT32. */
  static SavedModelWriter halfPlusTwo() {
    return new SavedModelWriter()
        .placeholder("x", DType.FLOAT32)
        .constant("a", 0.5f)
        .constant("b", 2)
        .node("ax", "Mul", List.of("a", "x"), type("T", DType.FLOAT32))
        .node("y", "AddV2", List.of("ax", "b"), type("T", DType.FLOAT32))
        .signature(
            "serving_default",
            List.of(port("x", "x:0", DType.FLOAT32)),
            List.of(port("half", "ax:0", DType.FLOAT32), port("y", "y:0", DType.FLOAT32)))
        .signature(
            "from_the_middle",
            List.of(port("ax", "ax:0", DType.FLOAT32)),
            List.of(port("y", "y", DType.FLOAT32)));
  }

  /** A variable: {@code set} assigns {@code x} to it and returns it, {@code get} reads it. */
  static SavedModelWriter variable(DType dtype) {
    Attribute any =
        new Attribute("shape", new ProtoWriter().message(7, new ProtoWriter().int64(3, 1)));
    return new SavedModelWriter()
        .placeholder("x", dtype)
        .node(
            "v",
            "VarHandleOp",
            List.of(),
            type("dtype", dtype),
            any,
            text("container", ""),
            text("shared_name", "v"))
        .node("assign", "AssignVariableOp", List.of("v", "x"), type("dtype", dtype))
        .node("assigned", "Identity", List.of("x", "^assign"), type("T", dtype))
        .node("value", "ReadVariableOp", List.of("v"), type("dtype", dtype))
        .signature("set", List.of(port("x", "x:0", dtype)), List.of(port("x", "assigned:0", dtype)))
        .signature("get", List.of(), List.of(port("value", "value:0", dtype)));
  }
}
