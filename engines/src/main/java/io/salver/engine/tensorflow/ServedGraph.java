package io.salver.engine.tensorflow;

import io.salver.engine.ModelLoadException;
import io.salver.engine.tensorflow.SavedModelFile.MetaGraph;
import io.salver.engine.tensorflow.SignatureDef.TensorInfo;
import io.salver.wire.ProtoWriter;
import io.salver.wire.WireFormatException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a SavedModel says of its graph for serving, copied from the file.
 *
 * @param signatures by name, sorted
 * @param refused why a signature is not among them, by name
 * @param signatureMap all of them as a serialised {@code tensorflow.serving.SignatureDefMap}, each
 *     exactly as the file has it
 * @param typesBehind the types of the operations behind each output of a signature, by the output's
 *     name in the graph
 * @param nodes the number of operations, those of functions included
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ServedGraph(
    Map<String, SignatureDef> signatures,
    Map<String, String> refused,
    byte[] signatureMap,
    Map<String, Set<String>> typesBehind,
    long nodes) {
  /** The tag of a graph for serving. */
  static final String TAG = "serve";

  /** What the names of signatures begin with that TensorFlow alone calls. */
  private static final String INTERNAL = "__saved_model_";

  /**
   * Reads the graph for serving from a {@code saved_model.pb}.
   *
   * @throws ModelLoadException if the file is broken or has no such graph
   */
  static ServedGraph read(Path file) throws ModelLoadException {
    try {
      return MappedFile.look(file, bytes -> read(file, bytes));
    } catch (WireFormatException e) {
      throw new ModelLoadException(file + ": not a SavedModel: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ModelLoadException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static ServedGraph read(Path file, MemorySegment bytes) throws ModelLoadException {
    List<MetaGraph> graphs = SavedModelFile.read(bytes).graphs();
    for (MetaGraph graph : graphs) {
      if (graph.tags().equals(List.of(TAG))) {
        return of(graph);
      }
    }
    throw new ModelLoadException(
        file
            + ": graphs with the tags "
            + graphs.stream().map(MetaGraph::tags).toList()
            + " (expected: one with the tag \""
            + TAG
            + "\" alone)");
  }

  private static ServedGraph of(MetaGraph graph) {
    Map<String, SignatureDef> signatures = new TreeMap<>();
    Map<String, String> refused = new TreeMap<>();
    ProtoWriter signatureMap = new ProtoWriter();
    graph
        .signatures()
        .forEach((name, message) -> {
          byte[] raw = message.toArray(ValueLayout.JAVA_BYTE);
          signatureMap.message(1, new ProtoWriter().string(1, name).bytes(2, raw));
          if (!name.startsWith(INTERNAL)) {
            readSignature(name, message, signatures, refused);
          }
        });
    return new ServedGraph(
        signatures,
        refused,
        signatureMap.toByteArray(),
        typesBehind(graph, signatures),
        GraphOps.count(graph.graph()).nodes());
  }

  private static void readSignature(
      String name,
      MemorySegment message,
      Map<String, SignatureDef> signatures,
      Map<String, String> refused) {
    try {
      signatures.put(name, SignatureDef.read(message));
    } catch (WireFormatException | IllegalArgumentException e) {
      refused.put(name, e.getMessage());
    }
  }

  private static Map<String, Set<String>> typesBehind(
      MetaGraph graph, Map<String, SignatureDef> signatures) {
    GraphOps ops = GraphOps.read(graph.graph());
    Map<String, Set<String>> types = new HashMap<>();
    for (SignatureDef signature : signatures.values()) {
      for (TensorInfo output : signature.outputs().values()) {
        types.computeIfAbsent(output.tensorName(), ops::typesBehind);
      }
    }
    return types;
  }
}
