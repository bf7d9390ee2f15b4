package io.salver.cache;

import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Tensors whose memory is on the heap, so that they live as long as somebody refers to them. */
final class HeapTensors {
  private static final int OVERHEAD_BYTES = 128;

  private HeapTensors() {}

  static @Nullable Tensor[] copy(@Nullable Tensor[] tensors) {
    @Nullable Tensor[] copies = new Tensor[tensors.length];
    for (int i = 0; i < tensors.length; i++) {
      Tensor tensor = tensors[i];
      copies[i] = tensor == null ? null : with(tensor, heap(tensor.data()), heap(tensor.offsets()));
    }
    return copies;
  }

  private static MemorySegment heap(MemorySegment source) {
    MemorySegment copy = MemorySegment.ofArray(new byte[Math.toIntExact(source.byteSize())]);
    return copy.copyFrom(source);
  }

  /** A copy in {@code arena}. */
  static Tensor copy(Tensor tensor, TensorArena arena) {
    return with(tensor, copy(tensor.data(), arena), copy(tensor.offsets(), arena));
  }

  private static MemorySegment copy(MemorySegment source, TensorArena arena) {
    return arena.allocate(source.byteSize()).copyFrom(source);
  }

  private static Tensor with(Tensor tensor, MemorySegment data, MemorySegment offsets) {
    return tensor.dtype() == DType.STRING
        ? Tensor.ofStrings(tensor.shape(), offsets, data)
        : Tensor.of(tensor.dtype(), tensor.shape(), data);
  }

  /** What the tensors take, or would take, on the heap. */
  static long sizeBytes(@Nullable Tensor[] tensors) {
    long bytes = OVERHEAD_BYTES;
    for (Tensor tensor : tensors) {
      if (tensor != null) {
        bytes += OVERHEAD_BYTES + tensor.data().byteSize() + tensor.offsets().byteSize();
      }
    }
    return bytes;
  }
}
