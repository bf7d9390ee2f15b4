package io.salver.server.sharedmemory;

import java.lang.foreign.MemorySegment;

/**
 * A part of a registered region, held for one request: it stays usable until {@link #close()} even
 * if the region is unregistered meanwhile. Used by one thread at a time.
 *
 * <p>Reading and writing copy. What a client writes into the region while a request runs does not
 * reach the request's tensors.
 */
public final class RegionView implements AutoCloseable {
  private final SharedMemoryObject object;
  private final long offsetBytes;
  private final long sizeBytes;
  private boolean closed;

  RegionView(SharedMemoryObject object, long offsetBytes, long sizeBytes) {
    this.object = object;
    this.offsetBytes = offsetBytes;
    this.sizeBytes = sizeBytes;
  }

  /** The name of the region. */
  public String region() {
    return object.region().name();
  }

  /** The length of the part. */
  public long sizeBytes() {
    return sizeBytes;
  }

  /**
   * Copies the whole part.
   *
   * @param target {@link #sizeBytes()} long, outside of the heap
   * @throws io.salver.predict.ServingException INVALID_ARGUMENT if the client has cut the object
   *     short
   */
  public void read(MemorySegment target) {
    requireFits(target, target.byteSize() == sizeBytes);
    object.read(offsetBytes, target);
  }

  /**
   * Copies into the beginning of the part.
   *
   * @param source at most {@link #sizeBytes()} long, outside of the heap
   */
  public void write(MemorySegment source) {
    write(0, source);
  }

  /**
   * Copies into the part.
   *
   * @param at where in the part, in bytes
   * @param source outside of the heap; ends within the part
   */
  public void write(long at, MemorySegment source) {
    requireFits(source, at >= 0 && at <= sizeBytes && source.byteSize() <= sizeBytes - at);
    object.write(offsetBytes + at, source);
  }

  private void requireFits(MemorySegment memory, boolean fits) {
    if (closed) {
      throw new IllegalStateException("view of shared memory region '" + region() + "' is closed");
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "copy: "
              + memory.byteSize()
              + " bytes (expected: to fit a view of "
              + sizeBytes
              + " bytes)");
    }
  }

  /** Lets the region go. Closing again does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      object.release();
    }
  }
}
