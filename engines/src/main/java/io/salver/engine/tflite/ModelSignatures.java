package io.salver.engine.tflite;

import io.salver.engine.tflite.ModelOutline.NamedSignature;
import io.salver.tensor.Signature;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The ways to call a model, by names: the file's signatures if it has some, otherwise TensorFlow's
 * in its metadata, otherwise one, {@code serving_default}, with the names of the main subgraph's
 * tensors, less a {@code :0} at their end.
 */
final class ModelSignatures {
  /** What TensorFlow Serving calls a signature for predictions. */
  private static final String PREDICT = "tensorflow/serving/predict";

  private static final String FIRST_OUTPUT = ":0";

  /**
   * A way to call a model.
   *
   * @param inputs names by position in the subgraph; all are there
   * @param outputs names to positions
   */
  record Names(
      String key,
      String methodName,
      int graph,
      Map<String, Integer> inputs,
      Map<String, Integer> outputs) {}

  private ModelSignatures() {}

  /**
   * The names in a model.
   *
   * @throws BrokenModelException if a signature cannot be
   */
  static List<Names> of(ModelOutline outline) {
    List<Names> all = new ArrayList<>();
    MemorySegment metadata = outline.metadata().get(SignatureMetadata.NAME);
    Graph main = outline.graphs().getFirst();
    if (!outline.signatures().isEmpty()) {
      for (NamedSignature s : outline.signatures()) {
        all.add(new Names(s.key(), PREDICT, s.graph(), s.inputs(), s.outputs()));
      }
    } else if (metadata != null) {
      SignatureMetadata.read(metadata).forEach((key, s) -> all.add(ofMetadata(key, s, main)));
    } else {
      all.add(
          new Names(
              Signature.DEFAULT_NAME,
              PREDICT,
              0,
              generated("input", main, main.inputs()),
              generated("output", main, main.outputs())));
    }
    check(all, outline.graphs());
    return all;
  }

  private static void check(List<Names> all, List<Graph> graphs) {
    Set<String> keys = new LinkedHashSet<>();
    Map<Integer, Names> firsts = new LinkedHashMap<>();
    for (Names names : all) {
      if (!keys.add(names.key())) {
        throw BrokenModelException.of("signature \"" + names.key() + "\": there are two of them");
      }
      Set<Integer> given = Set.copyOf(names.inputs().values());
      int inputs = graphs.get(names.graph()).inputs().length;
      if (given.size() != inputs || names.inputs().size() != inputs) {
        throw BrokenModelException.of(
            "signature \"%s\": inputs %s (expected: each of the %d inputs of its subgraph, once)"
                .formatted(names.key(), names.inputs().keySet(), inputs));
      }
      Names first = firsts.putIfAbsent(names.graph(), names);
      if (names.graph() > 0
          && first != null
          && !first.outputs().values().containsAll(names.outputs().values())) {
        throw BrokenModelException.of(
            "signature \"%s\": outputs %s (expected: of those of \"%s\", of the same subgraph)"
                .formatted(names.key(), names.outputs().keySet(), first.key()));
      }
    }
    if (all.isEmpty()) {
      throw BrokenModelException.of("signatures: none");
    }
  }

  private static Map<String, Integer> generated(String kind, Graph graph, int[] indices) {
    Map<String, Integer> names = new LinkedHashMap<>();
    for (int i = 0; i < indices.length; i++) {
      String name = withoutFirst(graph.tensors().get(indices[i]).name());
      boolean usable = !name.isEmpty() && !names.containsKey(name);
      names.put(usable ? name : kind + "_" + i, i);
    }
    return names;
  }

  private static String withoutFirst(String name) {
    return name.endsWith(FIRST_OUTPUT)
        ? name.substring(0, name.length() - FIRST_OUTPUT.length())
        : name;
  }

  private static Names ofMetadata(String key, SignatureMetadata metadata, Graph main) {
    return new Names(
        key,
        metadata.methodName(),
        0,
        positions(key, metadata.inputs(), main, main.inputs()),
        positions(key, metadata.outputs(), main, main.outputs()));
  }

  /** Tensors keep TensorFlow's name in some files, and lose what follows the colon in others. */
  private static Map<String, Integer> positions(
      String key, Map<String, String> tensors, Graph main, int[] indices) {
    Map<String, Integer> positions = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      int found = find(tensor, main, indices);
      if (found < 0) {
        found = find(tensor.split(":", 2)[0], main, indices);
      }
      if (found < 0) {
        throw BrokenModelException.of(
            "signature \"%s\" in the metadata: \"%s\" is \"%s\" (expected: a tensor that goes in or"
                    .formatted(key, name, tensor)
                + " out of the main subgraph)");
      }
      positions.put(name, found);
    });
    return positions;
  }

  private static int find(String name, Graph graph, int[] indices) {
    for (int i = 0; i < indices.length; i++) {
      if (graph.tensors().get(indices[i]).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
