package io.salver.engine.tensorflow;

import io.salver.engine.Inspection;
import io.salver.engine.ModelFiles;
import io.salver.engine.tensorflow.SavedModelFile.MetaGraph;
import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Says whether a version's files are a SavedModel, and whole.
 *
 * <p>A file that is not what it should be, but whole, is not waited for: it is called ready, and
 * the load says what is wrong with it. So are formats that are TensorFlow's and not supported.
 */
final class VersionInspector {
  static final String SAVED_MODEL = "saved_model.pb";
  static final List<String> UNSUPPORTED = List.of("saved_model.pbtxt", "export.meta", "export");

  private static final long BYTES_PER_NODE = 12 << 10;
  private static final long BYTES_PER_SESSION = 256 << 10;
  private static final String INDEX = "variables/variables.index";

  private final ModelFiles files;

  VersionInspector(ModelFiles files) {
    this.files = files;
  }

  Inspection inspect() {
    try {
      if (isFile(SAVED_MODEL)) {
        return MappedFile.look(path(SAVED_MODEL), this::inspectSavedModel);
      }
      return UNSUPPORTED.stream().anyMatch(this::isFile) ? ready(0) : new Inspection.NotMine();
    } catch (IOException e) {
      return new Inspection.Incomplete("cannot be read yet: " + e);
    }
  }

  private Inspection inspectSavedModel(MemorySegment bytes) throws IOException {
    if (isCut(bytes)) {
      return new Inspection.Incomplete(
          SAVED_MODEL + ": ends early, after " + bytes.byteSize() + " bytes");
    }
    try {
      List<MetaGraph> graphs = SavedModelFile.read(bytes).graphs();
      long nodes = 0;
      for (MetaGraph graph : graphs) {
        GraphOps.Census census = GraphOps.count(graph.graph());
        nodes += census.nodes();
        Optional<String> missing = missingBeside(graph, census);
        if (missing.isPresent()) {
          return new Inspection.Incomplete(missing.get());
        }
      }
      return ready(nodes);
    } catch (WireFormatException e) {
      return ready(0);
    }
  }

  private Inspection ready(long nodes) throws IOException {
    return new Inspection.Ready(memoryBoundBytes(files.sizeBytes(), nodes));
  }

  /**
   * An upper bound of the memory that a model takes: its files, as TensorFlow Serving estimates,
   * and what TensorFlow was measured to make of each operation of its graph.
   */
  static long memoryBoundBytes(long fileBytes, long nodes) {
    return fileBytes + fileBytes / 5 + nodes * BYTES_PER_NODE + BYTES_PER_SESSION;
  }

  private boolean isFile(String relative) {
    return Files.isRegularFile(path(relative));
  }

  private Path path(String relative) {
    return files.directory().resolve(relative);
  }

  /** Whether the message has no graph yet, or ends within a field. */
  private static boolean isCut(MemorySegment bytes) {
    ProtoReader reader = new ProtoReader(bytes);
    boolean hasGraph = false;
    try {
      while (reader.next()) {
        if (reader.wireType() == ProtoReader.LENGTH_DELIMITED) {
          ProtoReader field = new ProtoReader(bytes.asSlice(reader.position()));
          if (field.readVarint() > field.end() - field.position()) {
            return true;
          }
        }
        hasGraph |= reader.field() == SavedModelFile.META_GRAPHS;
        reader.skip();
      }
      return !hasGraph;
    } catch (WireFormatException e) {
      boolean withinNumber = bytes.get(ValueLayout.JAVA_BYTE, bytes.byteSize() - 1) < 0;
      return withinNumber || reader.position() >= bytes.byteSize();
    }
  }

  private Optional<String> missingBeside(MetaGraph graph, GraphOps.Census census)
      throws IOException {
    for (String asset : graph.assets()) {
      if (!isFile("assets/" + asset)) {
        return Optional.of("assets/" + asset + ": missing");
      }
    }
    if (isFile(INDEX)) {
      return missingVariables();
    }
    return census.hasVariables() && !graph.restoreOp().isEmpty()
        ? Optional.of(INDEX + ": missing (the graph has variables)")
        : Optional.empty();
  }

  private Optional<String> missingVariables() throws IOException {
    Optional<CheckpointIndex> index =
        MappedFile.look(
            path(INDEX),
            bytes ->
                CheckpointIndex.hasFooter(bytes)
                    ? Optional.of(CheckpointIndex.read(bytes))
                    : Optional.empty());
    if (index.isEmpty()) {
      return Optional.of(INDEX + ": ends early");
    }
    List<Long> shardBytes = index.get().shardBytes();
    for (int shard = 0; shard < shardBytes.size(); shard++) {
      String name = "variables/variables.data-%05d-of-%05d".formatted(shard, shardBytes.size());
      long expected = shardBytes.get(shard);
      long actual = isFile(name) ? Files.size(path(name)) : -1;
      if (actual < expected) {
        return Optional.of(
            name
                + (actual < 0 ? ": missing" : ": " + actual + " bytes")
                + " (expected: at least "
                + expected
                + " bytes)");
      }
    }
    return Optional.empty();
  }
}
