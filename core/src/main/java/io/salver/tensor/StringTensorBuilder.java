package io.salver.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Builds a STRING tensor in an arena, element by element, in row-major order, when neither the
 * number of elements nor their lengths are known before. Used by one thread.
 */
public final class StringTensorBuilder {
  private final TensorArena arena;
  private MemorySegment offsets;
  private MemorySegment bytes;
  private long count;
  private long usedBytes;

  /** A builder that expects about this much; it grows when there is more. */
  public StringTensorBuilder(TensorArena arena, long expectedCount, long expectedBytes) {
    this.arena = arena;
    this.offsets = arena.allocate((expectedCount + 1) * Long.BYTES);
    this.bytes = arena.allocate(expectedBytes);
    offsets.set(ValueLayout.JAVA_LONG, 0, 0L);
  }

  /** Appends an element: {@code length} bytes of {@code source} from {@code offset}. */
  public void add(MemorySegment source, long offset, long length) {
    if (length > bytes.byteSize() - usedBytes) {
      bytes = grown(bytes, usedBytes, usedBytes + length);
    }
    MemorySegment.copy(source, offset, bytes, usedBytes, length);
    usedBytes += length;
    count++;
    if ((count + 1) * Long.BYTES > offsets.byteSize()) {
      offsets = grown(offsets, count * Long.BYTES, (count + 1) * Long.BYTES);
    }
    offsets.set(ValueLayout.JAVA_LONG, count * Long.BYTES, usedBytes);
  }

  /** Appends an element. */
  public void add(byte[] element) {
    add(MemorySegment.ofArray(element), 0, element.length);
  }

  private MemorySegment grown(MemorySegment old, long used, long needed) {
    MemorySegment larger = arena.allocate(Math.max(needed, 2 * old.byteSize()));
    MemorySegment.copy(old, 0, larger, 0, used);
    return larger;
  }

  /** The elements added so far. */
  public long count() {
    return count;
  }

  /**
   * The tensor.
   *
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public Tensor build(Shape shape) {
    return Tensor.ofStrings(
        shape, offsets.asSlice(0, (count + 1) * Long.BYTES), bytes.asSlice(0, usedBytes));
  }
}
