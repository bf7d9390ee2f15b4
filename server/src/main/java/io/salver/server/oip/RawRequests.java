package io.salver.server.oip;

import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Finds the shape of a tensor of which a request gives nothing but the bytes. Stateless. */
final class RawRequests {
  private static final int UNKNOWN = -1;

  private RawRequests() {}

  /**
   * The tensor whose elements are the first {@code length} bytes of {@code body}: for BYTES one
   * string that is all of them; for other types of the declared shape, whose unknown dimension is
   * what the length makes of it. Of two unknown dimensions the first is 1.
   *
   * @throws ServingException if no shape fits
   */
  static Tensor tensor(MemorySegment body, long length, InferPlan plan, TensorArena arena) {
    TensorSpec spec = plan.signature().inputs().getFirst();
    if (spec.dtype() == DType.STRING) {
      return string(body, length, spec, plan, arena);
    }
    Shape shape = shape(length, spec, plan);
    return RawTensors.read(body, 0, length, spec, shape, plan.model(), arena);
  }

  private static Tensor string(
      MemorySegment body, long length, TensorSpec spec, InferPlan plan, TensorArena arena) {
    long[] dims = spec.shape().dims();
    for (int d = 0; d < dims.length; d++) {
      if (dims[d] != 1 && dims[d] != UNKNOWN) {
        throw wrong(spec, plan, "raw binary request", "an input of one string");
      }
      dims[d] = 1;
    }
    MemorySegment offsets = arena.allocate(2 * Long.BYTES);
    offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, 0L);
    offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, Long.BYTES, length);
    MemorySegment bytes = arena.allocate(length);
    MemorySegment.copy(body, 0, bytes, 0, length);
    return Tensor.ofStrings(Shape.of(dims), offsets, bytes);
  }

  private static Shape shape(long length, TensorSpec spec, InferPlan plan) {
    if (!spec.shape().isRankKnown()) {
      throw wrong(spec, plan, "raw binary request", "an input of a known number of dimensions");
    }
    long[] dims = spec.shape().dims();
    long unknown = Arrays.stream(dims).filter(dim -> dim == UNKNOWN).count();
    if (unknown == 2 && dims[0] == UNKNOWN) {
      dims[0] = 1;
      unknown = 1;
    }
    if (unknown > 1) {
      throw wrong(spec, plan, "raw binary request", "at most one dimension that varies");
    }
    long known = Arrays.stream(dims).filter(dim -> dim != UNKNOWN).reduce(1, (a, b) -> a * b);
    long elements = length / spec.dtype().sizeBytes();
    for (int d = 0; d < dims.length; d++) {
      if (dims[d] == UNKNOWN) {
        dims[d] = known == 0 ? 0 : elements / known;
      }
    }
    return Shape.of(dims);
  }

  private static ServingException wrong(
      TensorSpec spec, InferPlan plan, String found, String expected) {
    return InferInputs.wrong(
        spec.name(), plan.model(), found + " of shape " + spec.shape(), expected);
  }
}
