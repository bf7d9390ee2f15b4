package io.salver.engine.onnx;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads the runtime's values. Used by one run. */
final class ValueReader {
  private static final int USUAL_RANK = 8;

  private final OrtApi api;
  private final TensorArena arena;
  private final MemorySegment out;
  private MemorySegment dims;

  ValueReader(OrtApi api, TensorArena arena) {
    this.api = api;
    this.arena = arena;
    MemorySegment scratch = arena.allocate((1 + USUAL_RANK) * (long) Long.BYTES);
    this.out = scratch.asSlice(0, Long.BYTES);
    this.dims = scratch.asSlice(Long.BYTES);
  }

  /** The shape of a tensor. */
  Shape shape(long value) {
    api.tensorInfo(value, out.address());
    long info = out();
    try {
      api.dimensionCount(info, out.address());
      long rank = out();
      if (rank * Long.BYTES > dims.byteSize()) {
        dims = arena.allocate(rank * Long.BYTES);
      }
      api.dimensions(info, dims.address(), rank);
      return Shape.of(dims.asSlice(0, rank * Long.BYTES).toArray(ValueLayout.JAVA_LONG));
    } finally {
      api.releaseTensorInfo(info);
    }
  }

  /** A tensor of a fixed-size type over the value's own memory: valid as long as the value. */
  Tensor view(long value, DType dtype) {
    Shape shape = shape(value);
    long sizeBytes = Tensor.sizeBytes(dtype, shape);
    api.tensorData(value, out.address());
    return Tensor.of(dtype, shape, OrtApi.MEMORY.asSlice(sizeBytes == 0 ? 0 : out(), sizeBytes));
  }

  /** A copy of a tensor of strings. */
  Tensor strings(long value) {
    Shape shape = shape(value);
    long count = shape.elementCount();
    api.stringDataLength(value, out.address());
    long sizeBytes = out();
    MemorySegment offsets = arena.allocate((count + 1) * Long.BYTES);
    MemorySegment bytes = arena.allocate(sizeBytes);
    if (count > 0) {
      api.stringContent(value, bytes.address(), sizeBytes, offsets.address(), count);
    }
    offsets.setAtIndex(ValueLayout.JAVA_LONG, count, sizeBytes);
    return Tensor.ofStrings(shape, offsets, bytes);
  }

  /** The number of a sequence's elements. */
  long count(long value) {
    api.valueCount(value, out.address());
    return out();
  }

  /** Element {@code i} of a sequence or a map, to be released. */
  long element(long value, long i, long allocator) {
    api.getValue(value, i, allocator, out.address());
    return out();
  }

  private long out() {
    return out.get(ValueLayout.JAVA_LONG, 0);
  }
}
