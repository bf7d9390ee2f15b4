package io.salver.engine.tflite;

import io.salver.engine.tflite.ModelOutline.NamedSignature;
import io.salver.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a model file, and holds everything that the library would believe unseen against the file:
 * what lies where, which tensor, buffer, operator and subgraph each number means, and that every
 * tensor is written before it is read.
 *
 * <p>The fields are those of TensorFlow Lite's schema, version 3.
 */
final class ModelReader {
  private static final String IDENTIFIER = "TFL3";
  private static final int IDENTIFIER_AT = 4;
  private static final int SCHEMA_VERSION = 3;
  private static final int MAX_GRAPHS = 4096;

  /** The library's kernels know at most that many dimensions. */
  private static final int MAX_RANK = 8;

  private final FlatFile file;
  private final List<MemorySegment> buffers = new ArrayList<>();

  private ModelReader(FlatFile file) {
    this.file = file;
  }

  /**
   * The outline of the model that is {@code bytes}, which must outlive it.
   *
   * @throws BrokenModelException if it is none
   */
  static ModelOutline read(MemorySegment bytes) {
    return new ModelReader(new FlatFile(bytes)).read();
  }

  private ModelOutline read() {
    byte[] identifier = new byte[IDENTIFIER.length()];
    for (int i = 0; i < identifier.length; i++) {
      identifier[i] = (byte) file.uint8(IDENTIFIER_AT + i);
    }
    if (!Arrays.equals(identifier, IDENTIFIER.getBytes(StandardCharsets.US_ASCII))) {
      throw BrokenModelException.of(
          "file identifier: %s (expected: \"TFL3\" at byte 4)".formatted(printable(identifier)));
    }
    FlatTable model = file.root();
    if (model.uint32(0) != SCHEMA_VERSION) {
      throw BrokenModelException.of("schema version: " + model.uint32(0) + " (expected: 3)");
    }
    model.tables(4).forEach(buffer -> buffers.add(buffer(buffer)));
    List<Graph> graphs = new ArrayList<>();
    OperatorCheck operators = new OperatorCheck(model.tables(1));
    List<FlatTable> subgraphs = model.tables(2);
    check("subgraphs", subgraphs.size(), 1, MAX_GRAPHS);
    for (FlatTable subgraph : subgraphs) {
      graphs.add(graph(subgraph, operators, graphs.size()));
    }
    operators.checkCalls(graphs.size());
    Map<String, MemorySegment> metadata = new LinkedHashMap<>();
    for (FlatTable entry : model.tables(6)) {
      metadata.putIfAbsent(entry.string(0), buffer("metadata", entry.uint32(1)));
    }
    List<NamedSignature> signatures = new ArrayList<>();
    model.tables(7).forEach(signature -> signatures.add(signature(signature, graphs)));
    return new ModelOutline(
        graphs, signatures, metadata, operators.isStateful(), operators.hasIdleOperators());
  }

  private static String printable(byte[] bytes) {
    return "\"" + new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", "?") + "\"";
  }

  private static void check(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw BrokenModelException.of(
          "%s: %d (expected: %d to %d)".formatted(what, value, least, most));
    }
  }

  private MemorySegment buffer(FlatTable table) {
    long outside = table.int64(1);
    return outside > 1 ? file.slice(outside, table.int64(2)) : table.bytes(0);
  }

  /** Buffer 0 is the empty one; a model without any constant may leave it out. */
  private MemorySegment buffer(String what, long index) {
    if (index == 0 && buffers.isEmpty()) {
      return MemorySegment.NULL;
    }
    check("buffer of the " + what, index, 0, buffers.size() - 1L);
    return buffers.get((int) index);
  }

  private Graph graph(FlatTable table, OperatorCheck operators, int index) {
    List<GraphTensor> tensors = new ArrayList<>();
    for (FlatTable tensor : table.tables(0)) {
      tensors.add(tensor(tensor));
    }
    int[] inputs = indices("input", table.int32s(1), tensors);
    int[] outputs = indices("output", table.int32s(2), tensors);
    Graph graph = new Graph(List.copyOf(tensors), inputs, outputs);
    operators.check(index, graph, table.tables(3));
    return graph;
  }

  private static int[] indices(String what, int[] indices, List<GraphTensor> tensors) {
    for (int index : indices) {
      check(what + " tensor", index, 0, tensors.size() - 1L);
    }
    return indices;
  }

  private GraphTensor tensor(FlatTable table) {
    String name = table.string(3);
    TfliteType type = TfliteType.ofFile(table.uint8(1));
    Shape shape = shape(name, table.int32s(0), 0);
    int[] signature = table.int32s(7);
    boolean saysWhatVaries = signature.length > 0 && signature.length == shape.rank();
    boolean rankKnown = shape.rank() > 0 || table.bool(8);
    Shape declared =
        saysWhatVaries ? shape(name, signature, -1) : rankKnown ? shape : Shape.UNKNOWN_RANK;
    if (!declared.accepts(shape)) {
      throw BrokenModelException.of(
          "tensor \"%s\": shape %s (expected: one of %s, as the file says)"
              .formatted(name, shape, declared));
    }
    MemorySegment data = buffer("tensor \"" + name + "\"", table.uint32(2));
    boolean constant = data.byteSize() > 0;
    if (constant && type == TfliteType.STRING) {
      StringContent.check(name, data, shape.elementCount());
    }
    FlatTable quantisation = table.table(4);
    QuantisationCheck.check(name, type, constant, quantisation);
    return new GraphTensor(
        name,
        type,
        shape,
        declared,
        saysWhatVaries,
        constant,
        table.bool(5),
        QuantisationCheck.whole(type, quantisation));
  }

  private static Shape shape(String tensor, int[] dims, int least) {
    String what = "tensor \"" + tensor + "\"";
    check("rank of " + what, dims.length, 0, MAX_RANK);
    long[] longs = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      check("dimension " + i + " of " + what, dims[i], least, Integer.MAX_VALUE);
      longs[i] = dims[i];
    }
    try {
      return Shape.of(longs);
    } catch (IllegalArgumentException e) {
      throw BrokenModelException.of(what + ": " + e.getMessage());
    }
  }

  private static NamedSignature signature(FlatTable table, List<Graph> graphs) {
    String key = table.string(2);
    long index = table.uint32(4);
    check("subgraph of the signature \"" + key + "\"", index, 0, graphs.size() - 1L);
    Graph graph = graphs.get((int) index);
    return new NamedSignature(
        key,
        (int) index,
        positions(key, "input", table.tables(0), graph.inputs()),
        positions(key, "output", table.tables(1), graph.outputs()));
  }

  private static Map<String, Integer> positions(
      String key, String kind, List<FlatTable> entries, int[] indices) {
    Map<String, Integer> positions = new LinkedHashMap<>();
    for (FlatTable entry : entries) {
      String name = entry.string(0);
      long tensor = entry.uint32(1);
      int position = 0;
      while (position < indices.length && indices[position] != tensor) {
        position++;
      }
      if (position == indices.length || positions.put(name, position) != null) {
        throw BrokenModelException.of(
            "signature \"%s\": %s \"%s\" is tensor %d (expected: one of the subgraph's %ss, named once)"
                .formatted(key, kind, name, tensor, kind));
      }
    }
    return positions;
  }
}
