package io.salver.engine.opencv;

import io.salver.engine.Inspection;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.wire.WireFormatException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The two files of a version.
 *
 * @param definition the network's layers, as text; empty if only weights are there
 * @param weights the layers with their numbers; empty if only a definition is there
 */
record CaffeFiles(Optional<Path> definition, Optional<Path> weights) {
  private static final List<String> DEFINITIONS = List.of("deploy.prototxt", "model.prototxt");
  private static final List<String> WEIGHTS = List.of("model.caffemodel");
  private static final long MAX_DEFINITION_BYTES = 16 << 20;

  /** What protobuf in OpenCV can read at most. */
  private static final long MAX_WEIGHTS_BYTES = Integer.MAX_VALUE;

  /** The file's numbers, the parsed message, the layers' blobs, and those packed for kernels. */
  private static final long MEMORY_FACTOR = 4;

  /** What the library, and blobs between the layers, may take. */
  private static final long BLOBS_BYTES = 64L << 20;

  /** Empty if neither is there. */
  static Optional<CaffeFiles> find(ModelFiles files) {
    try {
      CaffeFiles found =
          new CaffeFiles(one(files, DEFINITIONS, ".prototxt"), one(files, WEIGHTS, ".caffemodel"));
      boolean none = found.definition.isEmpty() && found.weights.isEmpty();
      return none ? Optional.empty() : Optional.of(found);
    } catch (IOException | ModelLoadException e) {
      return Optional.empty();
    }
  }

  private static Optional<Path> one(ModelFiles files, List<String> usual, String ending)
      throws IOException, ModelLoadException {
    for (String name : usual) {
      Path file = files.resolve(name);
      if (Files.isRegularFile(file)) {
        return Optional.of(file);
      }
    }
    Path only = null;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(files.directory(), "*" + ending)) {
      for (Path file : all) {
        if (only != null) {
          return Optional.empty();
        }
        only = files.resolve(file.getFileName().toString());
      }
    }
    return Optional.ofNullable(only);
  }

  /** Whether both are there, and the weights' layers are not cut short. */
  Inspection inspect() {
    if (definition.isEmpty() || weights.isEmpty()) {
      return new Inspection.Incomplete(missing());
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment content = mapWeights(arena);
      WeightsScan.requireWhole(content);
      return new Inspection.Ready(memoryBoundBytes(content.byteSize()));
    } catch (WireFormatException e) {
      return new Inspection.Incomplete(weights.get() + ": " + e.getMessage());
    } catch (IOException | ModelLoadException | InternalError e) {
      return new Inspection.Incomplete(String.valueOf(e.getMessage()));
    }
  }

  private String missing() {
    return definition.isEmpty()
        ? weights.orElseThrow() + ": alone (expected: one .prototxt beside it)"
        : definition.orElseThrow() + ": alone (expected: one .caffemodel beside it)";
  }

  static long memoryBoundBytes(long weightsBytes) {
    return MEMORY_FACTOR * weightsBytes + BLOBS_BYTES;
  }

  /** The definition's text. */
  String readDefinition() throws IOException, ModelLoadException {
    Path file = definition.orElseThrow(() -> new ModelLoadException(missing()));
    requireSize(file, MAX_DEFINITION_BYTES);
    return Files.readString(file);
  }

  /** The weights, mapped into memory for as long as {@code arena} lives. */
  MemorySegment mapWeights(Arena arena) throws IOException, ModelLoadException {
    Path file = weights.orElseThrow(() -> new ModelLoadException(missing()));
    requireSize(file, MAX_WEIGHTS_BYTES);
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }

  private static void requireSize(Path file, long mostBytes)
      throws IOException, ModelLoadException {
    long sizeBytes = Files.size(file);
    if (sizeBytes == 0 || sizeBytes > mostBytes) {
      throw new ModelLoadException(
          file + ": " + sizeBytes + " bytes (expected: 1 to " + mostBytes + ")");
    }
  }
}
