package io.salver.engine.tflite;

import io.salver.engine.Inspection;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The model file of a version directory.
 *
 * @param path the file
 */
record TfliteFile(Path path) {
  private static final String USUAL_NAME = "model.tflite";
  private static final long ALIGNMENT_BYTES = 64;
  private static final long MIN_BYTES = 8;
  private static final long MAX_BYTES = Integer.MAX_VALUE;

  /** What an interpreter takes beside tensors and weights. */
  private static final long INTERPRETER_BYTES = 256 << 10;

  /** The model file of {@code files}, if there is one, and only one. */
  static Optional<TfliteFile> find(ModelFiles files) {
    Path usual = files.directory().resolve(USUAL_NAME);
    if (Files.isRegularFile(usual)) {
      return Optional.of(new TfliteFile(usual));
    }
    @Nullable Path only = null;
    try (DirectoryStream<Path> found = Files.newDirectoryStream(files.directory(), "*.tflite")) {
      for (Path path : found) {
        if (only != null || !Files.isRegularFile(path)) {
          return Optional.empty();
        }
        only = path;
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.ofNullable(only).map(TfliteFile::new);
  }

  /** Whether the file is whole, and what it will take with {@code interpreters} of them. */
  Inspection inspect(int interpreters) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      long size = channel.size();
      if (size < MIN_BYTES) {
        return new Inspection.Incomplete(name() + ": " + size + " bytes (expected: >= 8)");
      }
      if (size > MAX_BYTES) {
        return new Inspection.Ready(size);
      }
      MemorySegment content = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      return new Inspection.Ready(memoryBoundBytes(size, ModelReader.read(content), interpreters));
    } catch (BrokenModelException e) {
      // What cannot be is refused when it is loaded, for good, and says why.
      return e.isCutShort()
          ? new Inspection.Incomplete(name() + ": " + e.getMessage())
          : new Inspection.Ready(Math.max(MIN_BYTES, path.toFile().length()));
    } catch (IOException | InternalError e) {
      return new Inspection.Incomplete(name() + ": changed while it was read: " + e);
    }
  }

  /**
   * What the file says of itself, for a person.
   *
   * @throws ModelLoadException if it cannot be read
   */
  Map<String, String> describe() throws ModelLoadException {
    try (Arena arena = Arena.ofConfined()) {
      return ModelDescription.of(read(arena));
    } catch (BrokenModelException e) {
      throw new ModelLoadException(path + ": " + e.getMessage(), e);
    }
  }

  /**
   * The memory that a model takes: the file, and for each interpreter its weights packed for the
   * kernels, and its tensors as if none shared memory, for the shapes in the file.
   */
  static long memoryBoundBytes(long fileBytes, ModelOutline outline, int interpreters) {
    long each = fileBytes + INTERPRETER_BYTES + Math.min(outline.workingBytes(), MAX_BYTES * 2);
    return 2 * fileBytes + interpreters * each;
  }

  /**
   * The file's bytes, copied, so that what is checked is what is run, whatever becomes of the file.
   *
   * @throws ModelLoadException if it cannot be read
   */
  MemorySegment read(Arena arena) throws ModelLoadException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < MIN_BYTES || size > MAX_BYTES) {
        throw new ModelLoadException(
            path + ": " + size + " bytes (expected: 8 to " + MAX_BYTES + ")");
      }
      MemorySegment content = arena.allocate(size, ALIGNMENT_BYTES);
      var buffer = content.asByteBuffer();
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new ModelLoadException(
              path + ": " + buffer.position() + " bytes (expected: " + size + ", as before)");
        }
      }
      return content;
    } catch (IOException | IllegalArgumentException | OutOfMemoryError e) {
      throw new ModelLoadException(path + ": cannot be read: " + e, e);
    }
  }

  private String name() {
    return path.getFileName().toString();
  }
}
