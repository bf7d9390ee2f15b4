package io.salver.engine.tensorflow;

import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.engine.tensorflow.SavedModelFile.MetaGraph;
import io.salver.wire.WireFormatException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a SavedModel says of itself, for a person. */
final class SavedModelDescription {
  private SavedModelDescription() {}

  /**
   * Who made it, which graphs it has, and what operations the one for serving; empty for formats of
   * TensorFlow's that are not read.
   *
   * @throws ModelLoadException if it cannot be read
   */
  static Map<String, String> of(ModelFiles files) throws ModelLoadException {
    Path file = files.directory().resolve(VersionInspector.SAVED_MODEL);
    if (!Files.isRegularFile(file)) {
      return Map.of();
    }
    try {
      return MappedFile.look(file, SavedModelDescription::read);
    } catch (WireFormatException e) {
      throw new ModelLoadException(file + ": not a SavedModel: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ModelLoadException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> read(MemorySegment bytes) {
    Map<String, String> entries = new LinkedHashMap<>();
    List<MetaGraph> graphs = SavedModelFile.read(bytes).graphs();
    entries.put(
        "graphs",
        graphs.stream()
            .map(graph -> String.join(" and ", graph.tags()))
            .collect(Collectors.joining(", ")));
    for (MetaGraph graph : graphs) {
      if (graph.tags().equals(List.of(ServedGraph.TAG))) {
        if (!graph.version().isEmpty()) {
          entries.put("made by", "TensorFlow " + graph.version());
        }
        GraphOps operations = GraphOps.read(graph.graph());
        entries.put("operations", operations.counts().toString());
        if (!graph.assets().isEmpty()) {
          entries.put("assets", String.join(", ", graph.assets()));
        }
      }
    }
    return entries;
  }
}
