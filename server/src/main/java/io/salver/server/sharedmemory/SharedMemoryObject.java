package io.salver.server.sharedmemory;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The open file behind a registered region, closed when the registration and the last request that
 * uses it have let it go.
 *
 * <p>Bytes are copied by positioned reads and writes, never through a mapping: a client may cut the
 * object short at any time, which a mapping answers with a signal, a read with fewer bytes.
 * Thread-safe.
 */
final class SharedMemoryObject {
  private static final int MAX_TRANSFER_BYTES = 1 << 30;

  private final SharedMemoryRegion region;
  private final FileChannel channel;
  private final AtomicInteger holders = new AtomicInteger(1);

  private SharedMemoryObject(SharedMemoryRegion region, FileChannel channel) {
    this.region = region;
    this.channel = channel;
  }

  /**
   * Opens the object.
   *
   * @param file not followed if it is a link
   * @throws ServingException if it is not an object that holds the region
   */
  static SharedMemoryObject open(SharedMemoryRegion region, Path file) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw cannotOpen(region);
    }
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw cannotOpen(region);
    }
    try {
      requireHolds(region, channel.size());
      return new SharedMemoryObject(region, channel);
    } catch (IOException e) {
      close(channel);
      throw new ServingException(
          Category.INTERNAL, "Invalid shared memory region: '" + region.key() + "'", e);
    } catch (RuntimeException e) {
      close(channel);
      throw e;
    }
  }

  private static ServingException cannotOpen(SharedMemoryRegion region) {
    return ServingException.invalid("Unable to open shared memory region: '" + region.key() + "'");
  }

  private static void requireHolds(SharedMemoryRegion region, long objectBytes) {
    boolean holds =
        region.offsetBytes() >= 0
            && region.sizeBytes() > 0
            && region.offsetBytes() <= objectBytes
            && region.sizeBytes() <= objectBytes - region.offsetBytes();
    if (!holds) {
      throw ServingException.invalid(
          "failed to register shared memory region '"
              + region.name()
              + "': invalid args: offset "
              + Long.toUnsignedString(region.offsetBytes())
              + ", byte_size "
              + Long.toUnsignedString(region.sizeBytes())
              + " (expected: byte_size > 0, and both together at most the object's "
              + objectBytes
              + " bytes)");
    }
  }

  SharedMemoryRegion region() {
    return region;
  }

  /** Keeps the file open for one more holder; false if it has been closed. */
  boolean retain() {
    int count = holders.get();
    while (count > 0) {
      if (holders.compareAndSet(count, count + 1)) {
        return true;
      }
      count = holders.get();
    }
    return false;
  }

  /** Lets the file go, once for each holder. */
  void release() {
    if (holders.decrementAndGet() == 0) {
      close(channel);
    }
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fills {@code target} with the bytes from {@code at} on, counted from the object's begin. */
  void read(long at, MemorySegment target) {
    long done = 0;
    while (done < target.byteSize()) {
      int count;
      try {
        count = channel.read(chunk(target, done), at + done);
      } catch (IOException e) {
        throw unusable(e);
      }
      if (count <= 0) {
        throw ServingException.invalid(
            "shared memory region '"
                + region.name()
                + "': its object ends after "
                + (at + done)
                + " bytes (expected: at least "
                + (at + target.byteSize())
                + ", as when it was registered)");
      }
      done += count;
    }
  }

  /** Writes {@code source} from {@code at} on, counted from the object's begin. */
  void write(long at, MemorySegment source) {
    long done = 0;
    try {
      while (done < source.byteSize()) {
        done += channel.write(chunk(source, done), at + done);
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private static ByteBuffer chunk(MemorySegment memory, long from) {
    long length = Math.min(MAX_TRANSFER_BYTES, memory.byteSize() - from);
    return memory.asSlice(from, length).asByteBuffer();
  }

  private ServingException unusable(IOException e) {
    return new ServingException(
        Category.INTERNAL, "shared memory region '" + region.name() + "': " + e, e);
  }
}
