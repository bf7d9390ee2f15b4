package io.salver.engine.tensorflow;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Files looked at in place: only the pages that are looked at are read. */
final class MappedFile {
  /** What to do with a file's bytes, which are gone afterwards. */
  interface Look<T, X extends Exception> {
    T apply(MemorySegment bytes) throws X;
  }

  private MappedFile() {}

  /**
   * Looks at the bytes of a file.
   *
   * @throws IOException also if the file becomes shorter meanwhile
   */
  static <T, X extends Exception> T look(Path file, Look<T, X> look) throws IOException, X {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      return look.apply(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    } catch (InternalError e) {
      // What the JVM makes of a page that the file does not have any more.
      throw new IOException(file + ": changed while it was read", e);
    }
  }
}
