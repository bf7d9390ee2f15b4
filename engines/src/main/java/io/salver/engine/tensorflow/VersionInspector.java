package io.salver.engine.tensorflow;

import io.salver.engine.Inspection;
import io.salver.engine.ModelFiles;
import io.salver.engine.tensorflow.SavedModelFile.MetaGraph;
import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
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

  private static final String INDEX = "variables/variables.index";

  private final ModelFiles files;

  VersionInspector(ModelFiles files) {
    this.files = files;
  }

  Inspection inspect() {
    try {
      if (!isFile(SAVED_MODEL)) {
        return UNSUPPORTED.stream().anyMatch(this::isFile) ? ready() : new Inspection.NotMine();
      }
      Optional<String> missing = missing();
      return missing.isPresent() ? new Inspection.Incomplete(missing.get()) : ready();
    } catch (IOException e) {
      return new Inspection.Incomplete("cannot be read yet: " + e);
    }
  }

  private Inspection ready() throws IOException {
    return new Inspection.Ready(memoryBoundBytes(files.sizeBytes()));
  }

  /** An upper bound of the memory that a model with so many bytes of files takes. */
  static long memoryBoundBytes(long fileBytes) {
    return fileBytes + fileBytes / 5;
  }

  private boolean isFile(String relative) {
    return Files.isRegularFile(path(relative));
  }

  private Path path(String relative) {
    return files.directory().resolve(relative);
  }

  private Optional<String> missing() throws IOException {
    return MappedFile.look(
        path(SAVED_MODEL),
        bytes -> {
          try {
            return isCut(bytes) ? Optional.of(cut(bytes)) : missingBeside(bytes);
          } catch (WireFormatException e) {
            return Optional.<String>empty();
          }
        });
  }

  private static String cut(MemorySegment bytes) {
    return SAVED_MODEL + ": ends early, after " + bytes.byteSize() + " bytes";
  }

  /** Whether the message is empty, or its last field is longer than the file. */
  private static boolean isCut(MemorySegment bytes) {
    ProtoReader reader = new ProtoReader(bytes);
    long fields = 0;
    try {
      while (reader.next()) {
        if (reader.wireType() == ProtoReader.LENGTH_DELIMITED) {
          long length = new ProtoReader(bytes.asSlice(reader.position())).readVarint();
          if (length > bytes.byteSize() - reader.position()) {
            return true;
          }
        }
        reader.skip();
        fields++;
      }
    } catch (WireFormatException e) {
      return reader.position() >= bytes.byteSize();
    }
    return fields < 2;
  }

  private Optional<String> missingBeside(MemorySegment savedModel) throws IOException {
    for (MetaGraph graph : SavedModelFile.read(savedModel).graphs()) {
      for (String asset : graph.assets()) {
        if (!isFile("assets/" + asset)) {
          return Optional.of("assets/" + asset + ": missing");
        }
      }
      if (!isFile(INDEX) && !graph.restoreOp().isEmpty() && GraphOps.hasVariables(graph.graph())) {
        return Optional.of(INDEX + ": missing (the graph has variables)");
      }
    }
    return isFile(INDEX) ? missingVariables() : Optional.empty();
  }

  private Optional<String> missingVariables() throws IOException {
    List<Long> shards =
        MappedFile.look(
            path(INDEX),
            bytes -> {
              if (!CheckpointIndex.hasFooter(bytes)) {
                throw new IOException(INDEX + ": ends early");
              }
              return CheckpointIndex.read(bytes).shardBytes();
            });
    for (int shard = 0; shard < shards.size(); shard++) {
      String name = "variables/variables.data-%05d-of-%05d".formatted(shard, shards.size());
      long expected = shards.get(shard);
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
