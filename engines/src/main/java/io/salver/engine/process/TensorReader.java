package io.salver.engine.process;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Reads tensors from frames and shared memory, which may hold anything. */
final class TensorReader {
  private static final int MAX_RANK = 64;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Where shared segments are. */
  interface Segments {
    /**
     * A segment by its number.
     *
     * @throws BrokenWorkerException if there is none
     */
    MemorySegment get(int id) throws BrokenWorkerException;
  }

  private record Head(
      int place, DType dtype, Shape shape, long sizeBytes, int segment, long offset) {}

  private TensorReader() {}

  /**
   * Reads what {@link TensorWriter#write} wrote.
   *
   * @param arena for what cannot be a view of the body or of a segment
   * @param expected how many there have to be
   */
  static @Nullable Tensor[] read(FrameReader in, Segments segments, TensorArena arena, int expected)
      throws BrokenWorkerException {
    int count = in.u16("tensors");
    if (count != expected) {
      throw BrokenWorkerException.garbage("tensors: " + count + " (expected: " + expected + ")");
    }
    @Nullable Head[] heads = new Head[count];
    for (int i = 0; i < count; i++) {
      heads[i] = head(in);
    }
    @Nullable Tensor[] tensors = new Tensor[count];
    for (int i = 0; i < count; i++) {
      Head head = heads[i];
      if (head != null) {
        tensors[i] = tensor(head, data(head, in, segments), arena);
      }
    }
    return tensors;
  }

  private static @Nullable Head head(FrameReader in) throws BrokenWorkerException {
    int place = in.u8("tensor place");
    if (place == TensorWriter.ABSENT) {
      return null;
    }
    if (place > TensorWriter.SHARED) {
      throw BrokenWorkerException.garbage("tensor place: " + place + " (expected: 0 to 2)");
    }
    DType dtype = Dtypes.of(in.u8("element type"));
    Shape shape = shape(in, in.u8("rank"));
    long sizeBytes = in.i64("tensor size");
    boolean shared = place == TensorWriter.SHARED;
    int segment = shared ? in.u32("segment") : 0;
    long offset = shared ? in.i64("offset in the segment") : 0;
    check(dtype, shape, sizeBytes);
    return new Head(place, dtype, shape, sizeBytes, segment, offset);
  }

  private static Shape shape(FrameReader in, int rank) throws BrokenWorkerException {
    if (rank > MAX_RANK) {
      throw BrokenWorkerException.garbage(
          "rank: " + rank + " (expected: at most " + MAX_RANK + ")");
    }
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = in.i64("dimension");
      if (dims[i] < 0) {
        throw BrokenWorkerException.garbage("dimension: " + dims[i] + " (expected: >= 0)");
      }
    }
    try {
      return Shape.of(dims);
    } catch (IllegalArgumentException e) {
      throw BrokenWorkerException.garbage(String.valueOf(e.getMessage()));
    }
  }

  private static void check(DType dtype, Shape shape, long sizeBytes) throws BrokenWorkerException {
    boolean fits;
    try {
      fits =
          dtype == DType.STRING
              ? sizeBytes / Integer.BYTES >= shape.elementCount()
              : sizeBytes == Tensor.sizeBytes(dtype, shape);
    } catch (IllegalArgumentException e) {
      throw BrokenWorkerException.garbage(String.valueOf(e.getMessage()));
    }
    if (!fits) {
      throw BrokenWorkerException.garbage(
          "tensor " + dtype + shape + ": " + sizeBytes + " bytes (expected: what that takes)");
    }
  }

  private static MemorySegment data(Head head, FrameReader in, Segments segments)
      throws BrokenWorkerException {
    if (head.place == TensorWriter.INLINE) {
      return in.block(head.sizeBytes, "tensor");
    }
    MemorySegment segment = segments.get(head.segment);
    if (head.offset < 0
        || head.sizeBytes < 0
        || head.offset > segment.byteSize() - head.sizeBytes) {
      throw BrokenWorkerException.garbage(
          "tensor: %d bytes at %d of a segment of %d (expected: inside of it)"
              .formatted(head.sizeBytes, head.offset, segment.byteSize()));
    }
    return segment.asSlice(head.offset, head.sizeBytes);
  }

  private static Tensor tensor(Head head, MemorySegment data, TensorArena arena)
      throws BrokenWorkerException {
    return head.dtype == DType.STRING
        ? strings(head.shape, data, arena)
        : Tensor.of(head.dtype, head.shape, data);
  }

  /** Each length is read once: the worker may change what is shared. */
  private static Tensor strings(Shape shape, MemorySegment data, TensorArena arena)
      throws BrokenWorkerException {
    long count = shape.elementCount();
    MemorySegment offsets = arena.allocate((count + 1) * Long.BYTES);
    MemorySegment bytes = arena.allocate(data.byteSize() - count * Integer.BYTES);
    offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, 0L);
    long from = 0;
    long to = 0;
    for (long i = 0; i < count; i++) {
      long left = bytes.byteSize() - to;
      long length = Integer.toUnsignedLong(data.get(INT, from));
      if (length > left) {
        throw BrokenWorkerException.garbage(
            "string %d: %d bytes (expected: at most the %d that are left)"
                .formatted(i, length, left));
      }
      MemorySegment.copy(data, from + Integer.BYTES, bytes, to, length);
      from += Integer.BYTES + length;
      to += length;
      offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, (i + 1) * Long.BYTES, to);
    }
    return Tensor.ofStrings(shape, offsets, bytes);
  }
}
