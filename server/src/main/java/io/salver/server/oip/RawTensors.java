package io.salver.server.oip;

import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.wire.ProtoEncoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The protocol's raw form of tensors: elements one after the other, little-endian; each string with
 * its length as 32 bits in front. Stateless.
 */
final class RawTensors {
  private static final ValueLayout.OfInt LENGTH =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong OFFSET = ValueLayout.JAVA_LONG_UNALIGNED;

  private RawTensors() {}

  /**
   * The bytes that {@code shape} of a type of fixed size takes.
   *
   * @throws ServingException if that is not a {@code long}
   */
  static long sizeBytes(DType dtype, Shape shape, TensorSpec spec, String model) {
    try {
      return Tensor.sizeBytes(dtype, shape);
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid(
          "input '" + spec.name() + "' for model '" + model + "': " + e.getMessage());
    }
  }

  /**
   * Copies the tensor that lies in {@code source} from {@code from} on into the arena.
   *
   * @throws ServingException if these are not the bytes of a tensor of that shape
   */
  static Tensor read(
      MemorySegment source,
      long from,
      long length,
      TensorSpec spec,
      Shape shape,
      String model,
      TensorArena arena) {
    if (spec.dtype() == DType.STRING) {
      return strings(source, from, length, spec, shape, model, arena);
    }
    long expected = sizeBytes(spec.dtype(), shape, spec, model);
    if (length != expected) {
      throw sizeMismatch(spec, model, expected, length);
    }
    MemorySegment copy = arena.allocate(length);
    MemorySegment.copy(source, from, copy, 0, length);
    return view(copy, spec, shape, model, arena);
  }

  /** The tensor that {@code raw} is, which lies in the arena and is used in place if possible. */
  static Tensor view(
      MemorySegment raw, TensorSpec spec, Shape shape, String model, TensorArena arena) {
    if (spec.dtype() == DType.STRING) {
      return strings(raw, 0, raw.byteSize(), spec, shape, model, arena);
    }
    long expected = sizeBytes(spec.dtype(), shape, spec, model);
    if (raw.byteSize() != expected) {
      throw sizeMismatch(spec, model, expected, raw.byteSize());
    }
    Tensor tensor = Tensor.of(spec.dtype(), shape, raw);
    if (spec.dtype() == DType.BOOL) {
      checkTruthValues(tensor, spec, model);
    }
    return tensor;
  }

  private static ServingException sizeMismatch(
      TensorSpec spec, String model, long expected, long got) {
    return ServingException.invalid(
        "input byte size mismatch for input '"
            + spec.name()
            + "' for model '"
            + model
            + "'. Expected "
            + expected
            + ", got "
            + got);
  }

  /** An engine may take any other byte for anything. */
  private static void checkTruthValues(Tensor tensor, TensorSpec spec, String model) {
    for (long i = 0; i < tensor.elementCount(); i++) {
      if ((tensor.getByte(i) & ~1) != 0) {
        throw InferInputs.wrong(
            spec.name(), model, "byte " + i + " is " + tensor.getByte(i), "0 or 1");
      }
    }
  }

  private static Tensor strings(
      MemorySegment source,
      long from,
      long length,
      TensorSpec spec,
      Shape shape,
      String model,
      TensorArena arena) {
    long count = shape.elementCount();
    if (count > length / Integer.BYTES) {
      throw InferInputs.wrong(
          spec.name(), model, length + " bytes", "a length of 4 bytes for each of BYTES" + shape);
    }
    MemorySegment offsets = arena.allocate((count + 1) * Long.BYTES);
    MemorySegment bytes = arena.allocate(length - count * Integer.BYTES);
    long used = 0;
    for (long i = 0; i < count; i++) {
      long at = used + i * Integer.BYTES;
      long size = length - at < Integer.BYTES ? -1 : source.get(LENGTH, from + at) & 0xffffffffL;
      if (size < 0 || size > bytes.byteSize() - used) {
        throw InferInputs.wrong(
            spec.name(), model, "string " + i + " of " + size + " bytes", "what is there");
      }
      offsets.set(OFFSET, i * Long.BYTES, used);
      MemorySegment.copy(source, from + at + Integer.BYTES, bytes, used, size);
      used += size;
    }
    offsets.set(OFFSET, count * Long.BYTES, used);
    if (used != bytes.byteSize()) {
      throw InferInputs.wrong(
          spec.name(),
          model,
          length + " bytes",
          used + count * Integer.BYTES + " by the lengths of BYTES" + shape);
    }
    return Tensor.ofStrings(shape, offsets, bytes);
  }

  /** The bytes that {@link #write} writes. */
  static long size(Tensor tensor) {
    if (tensor.dtype() != DType.STRING) {
      return tensor.data().byteSize();
    }
    long count = tensor.elementCount();
    long first = tensor.offsets().get(OFFSET, 0);
    return count * Integer.BYTES + tensor.offsets().get(OFFSET, count * Long.BYTES) - first;
  }

  /** Writes the elements. */
  static void write(Tensor tensor, ProtoEncoder out) {
    if (tensor.dtype() != DType.STRING) {
      out.raw(tensor.data(), 0, tensor.data().byteSize());
      return;
    }
    for (long i = 0; i < tensor.elementCount(); i++) {
      MemorySegment string = tensor.getString(i);
      out.fixed32((int) string.byteSize());
      out.raw(string, 0, string.byteSize());
    }
  }
}
