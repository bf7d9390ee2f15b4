package io.salver.engine.process;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Writes tensors into frames, and large ones into shared memory. */
final class TensorWriter {
  /** From this size on a tensor goes through shared memory. */
  static final long SHARED_FROM_BYTES = 64 << 10;

  static final int ABSENT = 0;
  static final int INLINE = 1;
  static final int SHARED = 2;

  private static final long ALIGNMENT_BYTES = 64;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private TensorWriter() {}

  /** The bytes that a shared segment needs for those of {@code tensors} that are large. */
  static long sharedBytes(@Nullable Tensor[] tensors) {
    long total = 0;
    for (Tensor tensor : tensors) {
      long sizeBytes = tensor == null ? 0 : sizeBytes(tensor);
      if (sizeBytes >= SHARED_FROM_BYTES) {
        total += aligned(sizeBytes);
      }
    }
    return total;
  }

  private static long aligned(long sizeBytes) {
    return (sizeBytes + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
  }

  /** The bytes of a tensor's elements as they are sent. */
  static long sizeBytes(Tensor tensor) {
    if (tensor.dtype() != DType.STRING) {
      return tensor.data().byteSize();
    }
    long count = tensor.elementCount();
    MemorySegment offsets = tensor.offsets();
    long first = offsets.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    long last = offsets.get(ValueLayout.JAVA_LONG_UNALIGNED, count * Long.BYTES);
    return last - first + count * Integer.BYTES;
  }

  /**
   * Writes how many there are, what each is, and the elements of those that are not shared.
   *
   * @param tensors null for one that is absent
   * @param segment where large ones are put as long as there is room; null for nowhere
   */
  static void write(FrameBuffer out, @Nullable Tensor[] tensors, @Nullable Placed segment) {
    out.u16(tensors.length);
    boolean[] isInline = new boolean[tensors.length];
    long used = 0;
    for (int i = 0; i < tensors.length; i++) {
      Tensor tensor = tensors[i];
      if (tensor == null) {
        out.u8(ABSENT);
        continue;
      }
      long sizeBytes = sizeBytes(tensor);
      isInline[i] =
          segment == null
              || sizeBytes < SHARED_FROM_BYTES
              || sizeBytes > segment.memory().byteSize() - used;
      out.u8(isInline[i] ? INLINE : SHARED);
      head(out, tensor, sizeBytes);
      if (segment != null && !isInline[i]) {
        out.u32(segment.id()).i64(used);
        copy(tensor, segment.memory().asSlice(used, sizeBytes));
        used = Math.min(segment.memory().byteSize(), used + aligned(sizeBytes));
      }
    }
    for (int i = 0; i < tensors.length; i++) {
      Tensor tensor = tensors[i];
      if (tensor != null && isInline[i]) {
        copy(tensor, out.block(sizeBytes(tensor)));
      }
    }
  }

  private static void head(FrameBuffer out, Tensor tensor, long sizeBytes) {
    out.u8(Dtypes.code(tensor.dtype()));
    Shape shape = tensor.shape();
    out.u8(shape.rank());
    for (int i = 0; i < shape.rank(); i++) {
      out.i64(shape.dim(i));
    }
    out.i64(sizeBytes);
  }

  private static void copy(Tensor tensor, MemorySegment target) {
    if (tensor.dtype() != DType.STRING) {
      MemorySegment.copy(tensor.data(), 0, target, 0, target.byteSize());
      return;
    }
    long at = 0;
    for (long i = 0; i < tensor.elementCount(); i++) {
      MemorySegment element = tensor.getString(i);
      target.set(INT, at, (int) element.byteSize());
      MemorySegment.copy(element, 0, target, at + Integer.BYTES, element.byteSize());
      at += Integer.BYTES + element.byteSize();
    }
  }
}
