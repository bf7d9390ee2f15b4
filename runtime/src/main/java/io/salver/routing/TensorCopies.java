package io.salver.routing;

import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Copies of tensors that live as long as another arena. Stateless. */
final class TensorCopies {
  private TensorCopies() {}

  static @Nullable Tensor[] of(@Nullable Tensor[] tensors, TensorArena arena) {
    @Nullable Tensor[] copies = new Tensor[tensors.length];
    for (int i = 0; i < tensors.length; i++) {
      Tensor tensor = tensors[i];
      copies[i] = tensor == null ? null : of(tensor, arena);
    }
    return copies;
  }

  static Tensor of(Tensor tensor, TensorArena arena) {
    return tensor.dtype() == DType.STRING
        ? Tensor.ofStrings(
            tensor.shape(), copy(tensor.offsets(), arena), copy(tensor.data(), arena))
        : Tensor.of(tensor.dtype(), tensor.shape(), copy(tensor.data(), arena));
  }

  private static MemorySegment copy(MemorySegment source, TensorArena arena) {
    return arena.allocate(source.byteSize()).copyFrom(source);
  }
}
