package io.salver.engine.process;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The memory that the server shares with one worker over one connection: files in the worker's
 * directory, kept for reuse. The server makes them; when the worker has answered once, it has them
 * open, and their names go. Thread-safe.
 */
final class SharedMemory implements AutoCloseable {
  private static final Logger LOG = System.getLogger(SharedMemory.class.getName());
  private static final long SMALLEST_BYTES = 256 << 10;
  private static final long LIMIT_BYTES = 512L << 20;
  private static final int MAX_IDLE = 4;
  private static final int FILL_BYTES = 64 << 10;

  private final Path directory;
  private final AtomicInteger ids;
  private final List<Segment> idle = new ArrayList<>();
  private final List<Integer> dropped = new ArrayList<>();
  private long totalBytes;
  private boolean closed;
  private boolean full;

  /**
   * Nothing yet.
   *
   * @param ids numbers that no other segment of the worker has
   */
  SharedMemory(Path directory, AtomicInteger ids) {
    this.directory = directory;
    this.ids = ids;
  }

  /** A file's name by its number. */
  static String fileName(int id) {
    return "segment-" + Integer.toUnsignedString(id);
  }

  /** Memory that both can see. */
  static final class Segment {
    private final int id;
    private final Path file;
    private final Arena arena;
    private final MemorySegment memory;
    private boolean named = true;

    private Segment(int id, Path file, Arena arena, MemorySegment memory) {
      this.id = id;
      this.file = file;
      this.arena = arena;
      this.memory = memory;
    }

    /** The number by which the worker knows it; never 0. */
    int id() {
      return id;
    }

    MemorySegment memory() {
      return memory;
    }

    /** Says that the worker has opened it. */
    void opened() {
      if (named) {
        named = false;
        remove(file);
      }
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "{0}: not removed: {1}", file, e.toString());
    }
  }

  /** At least {@code sizeBytes}, to be given back; null if that much is not to be had. */
  synchronized @Nullable Segment take(long sizeBytes) {
    for (int i = 0; i < idle.size(); i++) {
      if (idle.get(i).memory.byteSize() >= sizeBytes) {
        return idle.remove(i);
      }
    }
    if (closed || full || sizeBytes > LIMIT_BYTES / 2) {
      return null;
    }
    long rounded = Math.max(SMALLEST_BYTES, Long.highestOneBit(sizeBytes - 1) << 1);
    while (rounded > LIMIT_BYTES - totalBytes && !idle.isEmpty()) {
      drop(idle.removeFirst());
    }
    return rounded > LIMIT_BYTES - totalBytes ? null : create(rounded);
  }

  private @Nullable Segment create(long sizeBytes) {
    int id = ids.incrementAndGet();
    Path file = directory.resolve(fileName(id));
    Arena arena = Arena.ofShared();
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      fill(channel, sizeBytes);
      MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, sizeBytes, arena);
      totalBytes += sizeBytes;
      return new Segment(id, file, arena, memory);
    } catch (IOException e) {
      arena.close();
      full = true;
      remove(file);
      LOG.log(
          Level.WARNING, "{0}: large tensors go through the socket: {1}", directory, e.toString());
      return null;
    }
  }

  /** So that there is room for sure: a write to memory that has none would end the process. */
  private static void fill(FileChannel channel, long sizeBytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(FILL_BYTES);
    for (long left = sizeBytes; left > 0; ) {
      left -= channel.write(zeros.clear().limit((int) Math.min(left, FILL_BYTES)));
    }
  }

  /** Puts back what nobody reads any more. */
  synchronized void giveBack(Segment segment) {
    if (closed || idle.size() >= MAX_IDLE) {
      drop(segment);
    } else {
      idle.add(segment);
    }
  }

  private void drop(Segment segment) {
    segment.arena.close();
    totalBytes -= segment.memory.byteSize();
    dropped.add(segment.id);
    segment.opened();
  }

  /** Which segments the worker may forget; said once. */
  synchronized List<Integer> takeDropped() {
    List<Integer> numbers = List.copyOf(dropped);
    dropped.clear();
    return numbers;
  }

  /** Drops what is idle; the rest goes when it is given back. */
  @Override
  public synchronized void close() {
    closed = true;
    idle.forEach(this::drop);
    idle.clear();
  }
}
