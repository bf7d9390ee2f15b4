package io.salver.engine.onnx;

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
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The model file of a version directory, with the external data that it names.
 *
 * @param files the directory
 * @param path the file
 */
record OnnxFile(ModelFiles files, Path path) {
  private static final String USUAL_NAME = "model.onnx";

  /** The file and its parsed form, the weights' first copy, and the one packed for the kernels. */
  private static final long MEMORY_FACTOR = 3;

  private static final long MEMORY_MINIMUM_BYTES = 1 << 20;

  /** The runtime's time to load a model doubles with each level: 0.35 s at 14, hours at 30. */
  private static final int MAX_NESTING = 16;

  /** A location by which the runtime means an address in its own memory. */
  private static final String MEMORY_LOCATION = "*/_ORT_MEM_ADDR_/*";

  /** The model file of {@code files}, if there is one, and only one. */
  static Optional<OnnxFile> find(ModelFiles files) {
    Path usual = files.directory().resolve(USUAL_NAME);
    if (Files.isRegularFile(usual)) {
      return Optional.of(new OnnxFile(files, usual));
    }
    Path only = null;
    try (DirectoryStream<Path> found = Files.newDirectoryStream(files.directory(), "*.onnx")) {
      for (Path path : found) {
        if (only != null || !Files.isRegularFile(path)) {
          return Optional.empty();
        }
        only = path;
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.ofNullable(only).map(path -> new OnnxFile(files, path));
  }

  /** Whether the model file and its external data are whole. */
  Inspection inspect() {
    try {
      ModelScan scan = scan();
      if (scan.problem().isPresent()) {
        return new Inspection.Incomplete(name() + ": " + scan.problem().get());
      }
      Optional<String> missing = missing(scan.externalData());
      return missing.isPresent()
          ? new Inspection.Incomplete(missing.get())
          : new Inspection.Ready(memoryBoundBytes(scan.externalData()));
    } catch (WireFormatException e) {
      return new Inspection.Ready(MEMORY_FACTOR * path.toFile().length() + MEMORY_MINIMUM_BYTES);
    } catch (IOException | InternalError e) {
      return new Inspection.Incomplete(name() + ": changed while it was read: " + e);
    }
  }

  /**
   * Refuses what must not be given to the runtime, before it reads anything.
   *
   * @return an upper bound of the memory that the model will take
   */
  long check() throws ModelLoadException {
    try {
      ModelScan scan = scan();
      if (scan.problem().isPresent()) {
        throw new ModelLoadException(path + ": " + scan.problem().get());
      }
      if (scan.nesting() > MAX_NESTING) {
        throw new ModelLoadException(
            path
                + ": graphs nested "
                + scan.nesting()
                + " deep (expected: <= "
                + MAX_NESTING
                + ", as the time to load doubles with each level)");
      }
      for (ExternalData data : scan.externalData()) {
        resolve(data.location());
      }
      Optional<String> missing = missing(scan.externalData());
      if (missing.isPresent()) {
        throw new ModelLoadException(path + ": " + missing.get());
      }
      return memoryBoundBytes(scan.externalData());
    } catch (WireFormatException e) {
      throw new ModelLoadException(path + ": not an ONNX model: " + e.getMessage(), e);
    } catch (IOException | InternalError e) {
      throw new ModelLoadException(path + ": cannot be read: " + e, e);
    }
  }

  /** What the file says of itself, for a person. */
  Map<String, String> describe() throws ModelLoadException {
    try {
      return mapped(Description::of);
    } catch (WireFormatException e) {
      throw new ModelLoadException(path + ": not an ONNX model: " + e.getMessage(), e);
    } catch (IOException | InternalError e) {
      throw new ModelLoadException(path + ": cannot be read: " + e, e);
    }
  }

  private ModelScan scan() throws IOException {
    return mapped(ModelScan::of);
  }

  private <T> T mapped(Function<MemorySegment, T> read) throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return read.apply(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    }
  }

  /** What is missing of the external data, leaving out what lies where it must not be read. */
  private Optional<String> missing(List<ExternalData> externalData) throws IOException {
    for (ExternalData data : externalData) {
      Path file;
      try {
        file = resolve(data.location());
      } catch (ModelLoadException e) {
        continue;
      }
      if (!Files.isRegularFile(file)) {
        return Optional.of("external data: \"" + data.location() + "\" is missing");
      }
      if (Files.size(file) < data.endBytes()) {
        return Optional.of(
            "external data: \""
                + data.location()
                + "\" has "
                + Files.size(file)
                + " bytes (expected: >= "
                + data.endBytes()
                + ")");
      }
    }
    return Optional.empty();
  }

  private long memoryBoundBytes(List<ExternalData> externalData) throws IOException {
    long total = Files.size(path);
    for (String location : externalData.stream().map(ExternalData::location).distinct().toList()) {
      total += lengthOf(location);
    }
    return MEMORY_FACTOR * total + MEMORY_MINIMUM_BYTES;
  }

  private Path resolve(String location) throws ModelLoadException {
    if (location.equals(MEMORY_LOCATION) || location.indexOf(0) >= 0) {
      throw new ModelLoadException(
          "external data: \"" + location + "\" (expected: a file inside the model directory)");
    }
    return files.resolve(location);
  }

  /** The length of a file that may lie outside, or be missing: then 0. */
  private long lengthOf(String location) {
    try {
      return resolve(location).toFile().length();
    } catch (ModelLoadException e) {
      return 0;
    }
  }

  private String name() {
    return path.getFileName().toString();
  }
}
