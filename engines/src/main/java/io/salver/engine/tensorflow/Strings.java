package io.salver.engine.tensorflow;

import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.wire.ProtoWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The elements of TensorFlow's string tensors: 24 bytes each, of which the lowest two bits of the
 * first byte say what the others are.
 *
 * <pre>
 * 0 small   first byte = length * 4; then up to 22 bytes of text and a NUL
 * 1 large   u64 length * 4 + 1, u64 capacity, pointer to text that the element owns
 * 2 offset  u32 length * 4 + 2, u32 distance of the text from the element itself
 * 3 view    u64 length * 4 + 3, pointer to text that somebody else owns
 * </pre>
 *
 * <p>All little-endian.
 */
final class Strings {
  /** The size of an element. */
  static final long ELEMENT_BYTES = 24;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final int SMALL_MAX_BYTES = 22;
  private static final int TYPE_MASK = 3;
  private static final int SMALL = 0;
  private static final int OFFSET = 2;
  private static final int VIEW = 3;
  private static final int TYPE_BITS = 2;

  private Strings() {}

  /**
   * Writes the elements of {@code tensor}: short ones as copies, long ones as views of the tensor's
   * own memory.
   *
   * @param elements room for them
   */
  static void write(Tensor tensor, MemorySegment elements) {
    MemorySegment data = tensor.data();
    MemorySegment offsets = tensor.offsets();
    long count = tensor.elementCount();
    long from = offsets.get(LONG, 0);
    for (long i = 0; i < count; i++) {
      long to = offsets.get(LONG, (i + 1) * Long.BYTES);
      write(data, from, to - from, elements, i * ELEMENT_BYTES);
      from = to;
    }
  }

  private static void write(
      MemorySegment data, long from, long length, MemorySegment elements, long at) {
    elements.asSlice(at, ELEMENT_BYTES).fill((byte) 0);
    if (length <= SMALL_MAX_BYTES) {
      elements.set(ValueLayout.JAVA_BYTE, at, (byte) (length << TYPE_BITS | SMALL));
      MemorySegment.copy(data, from, elements, at + 1, length);
    } else {
      elements.set(LONG, at, length << TYPE_BITS | VIEW);
      elements.set(LONG, at + Long.BYTES, data.asSlice(from, length).address());
    }
  }

  /** The same value as a serialised {@code TensorProto}. */
  static byte[] toProto(Tensor tensor) {
    ProtoWriter shape = new ProtoWriter();
    for (int i = 0; i < tensor.shape().rank(); i++) {
      shape.message(2, new ProtoWriter().int64(1, tensor.shape().dim(i)));
    }
    ProtoWriter proto = new ProtoWriter().int64(1, TensorFlowTypes.STRING).message(2, shape);
    for (long i = 0; i < tensor.elementCount(); i++) {
      proto.bytes(8, tensor.getString(i).toArray(ValueLayout.JAVA_BYTE));
    }
    return proto.toByteArray();
  }

  /**
   * Copies TensorFlow's elements at an address into an arena.
   *
   * @param address where {@code shape.elementCount()} elements lie
   */
  static Tensor read(long address, Shape shape, TensorArena arena) {
    long count = shape.elementCount();
    long total = 0;
    for (long i = 0; i < count; i++) {
      total += length(address + i * ELEMENT_BYTES);
    }
    MemorySegment offsets = arena.allocate((count + 1) * Long.BYTES);
    MemorySegment bytes = arena.allocate(total);
    long used = 0;
    offsets.set(LONG, 0, 0L);
    for (long i = 0; i < count; i++) {
      long element = address + i * ELEMENT_BYTES;
      long length = length(element);
      MemorySegment.copy(CApi.MEMORY, text(element), bytes, used, length);
      used += length;
      offsets.set(LONG, (i + 1) * Long.BYTES, used);
    }
    return Tensor.ofStrings(shape, offsets, bytes);
  }

  private static int type(long element) {
    return CApi.MEMORY.get(ValueLayout.JAVA_BYTE, element) & TYPE_MASK;
  }

  private static long length(long element) {
    return switch (type(element)) {
      case SMALL -> (CApi.MEMORY.get(ValueLayout.JAVA_BYTE, element) & 0xff) >> TYPE_BITS;
      case OFFSET -> (CApi.MEMORY.get(INT, element) & 0xffff_ffffL) >> TYPE_BITS;
      default -> CApi.MEMORY.get(LONG, element) >>> TYPE_BITS;
    };
  }

  private static long text(long element) {
    return switch (type(element)) {
      case SMALL -> element + 1;
      case OFFSET -> element + (CApi.MEMORY.get(INT, element + Integer.BYTES) & 0xffff_ffffL);
      case VIEW -> CApi.MEMORY.get(LONG, element + Long.BYTES);
      default -> CApi.MEMORY.get(LONG, element + 2 * Long.BYTES);
    };
  }
}
