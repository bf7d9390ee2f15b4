package io.salver.engine.onnx;

import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Walks through the messages of an ONNX model, passing over the weights: how deep its graphs are
 * nested, and which external data it names, wherever a tensor can be: initializers, sparse ones
 * too, and attributes of nodes, in graphs inside of nodes, functions and training information as
 * well. The field numbers are those of onnx.proto.
 */
final class GraphScan {
  private static final int MAX_DEPTH = 200;
  private static final int EXTERNAL = 1;

  private final ProtoReader reader;
  private final Set<ExternalData> found = new LinkedHashSet<>();
  private int depth;
  private int graphDepth;
  private int maxGraphDepth;

  private GraphScan(MemorySegment model) {
    this.reader = new ProtoReader(model);
  }

  /**
   * Walks through {@code model}, a whole file.
   *
   * @throws WireFormatException if it is not an ONNX model
   */
  static GraphScan of(MemorySegment model) {
    GraphScan scan = new GraphScan(model);
    scan.model();
    return scan;
  }

  /** The external data that the model names. */
  Set<ExternalData> externalData() {
    return found;
  }

  /** How deep graphs lie inside of the nodes of graphs: 0 if there is just the model's own. */
  int nesting() {
    return Math.max(0, maxGraphDepth - 1);
  }

  private void model() {
    while (reader.next()) {
      switch (reader.field()) {
        case 7 -> nested(this::graph);
        case 20 -> nested(this::trainingInfo);
        case 25 -> nested(this::function);
        default -> reader.skip();
      }
    }
  }

  private void trainingInfo() {
    while (reader.next()) {
      switch (reader.field()) {
        case 1, 2 -> nested(this::graph);
        default -> reader.skip();
      }
    }
  }

  private void function() {
    while (reader.next()) {
      switch (reader.field()) {
        case 7 -> nested(this::node);
        case 11 -> nested(this::attribute);
        default -> reader.skip();
      }
    }
  }

  private void graph() {
    maxGraphDepth = Math.max(maxGraphDepth, ++graphDepth);
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> nested(this::node);
        case 5 -> nested(this::tensor);
        case 15 -> nested(this::sparseTensor);
        default -> reader.skip();
      }
    }
    graphDepth--;
  }

  private void node() {
    while (reader.next()) {
      switch (reader.field()) {
        case 5 -> nested(this::attribute);
        default -> reader.skip();
      }
    }
  }

  private void attribute() {
    while (reader.next()) {
      switch (reader.field()) {
        case 5, 10 -> nested(this::tensor);
        case 6, 11 -> nested(this::graph);
        case 22, 23 -> nested(this::sparseTensor);
        default -> reader.skip();
      }
    }
  }

  private void sparseTensor() {
    while (reader.next()) {
      switch (reader.field()) {
        case 1, 2 -> nested(this::tensor);
        default -> reader.skip();
      }
    }
  }

  private void tensor() {
    List<String[]> entries = new ArrayList<>(0);
    boolean external = false;
    while (reader.next()) {
      switch (reader.field()) {
        case 13 -> nested(() -> entries.add(entry()));
        case 14 -> external = reader.readInt32() == EXTERNAL;
        default -> reader.skip();
      }
    }
    if (external) {
      add(entries);
    }
  }

  private String[] entry() {
    String[] entry = {"", ""};
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> entry[0] = reader.readString();
        case 2 -> entry[1] = reader.readString();
        default -> reader.skip();
      }
    }
    return entry;
  }

  private void add(List<String[]> entries) {
    long offset = 0;
    long length = 0;
    for (String[] entry : entries) {
      switch (entry[0]) {
        case "offset" -> offset = number(entry[1]);
        case "length" -> length = number(entry[1]);
        default -> {}
      }
    }
    long end = offset + length < 0 ? Long.MAX_VALUE : offset + length;
    for (String[] entry : entries) {
      if (entry[0].equals("location")) {
        found.add(new ExternalData(entry[1], end));
      }
    }
  }

  private static long number(String text) {
    try {
      return Long.parseUnsignedLong(text) < 0 ? Long.MAX_VALUE : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new WireFormatException(
          "external data: \"" + text + "\" (expected: a number of bytes)");
    }
  }

  private void nested(Runnable message) {
    if (++depth > MAX_DEPTH) {
      throw new WireFormatException(
          "messages nested deeper than " + MAX_DEPTH + " at offset " + reader.position());
    }
    long outer = reader.enter();
    message.run();
    reader.leave(outer);
    depth--;
  }
}
