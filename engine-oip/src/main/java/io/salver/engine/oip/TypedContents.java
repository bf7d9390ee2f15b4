package io.salver.engine.oip;

import io.salver.engine.process.BrokenWorkerException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Reads an InferTensorContents, whose lists may be packed or not. */
final class TypedContents {
  private static final int FP32 = 6;
  private static final int FP64 = 7;
  private static final int BYTES = 8;

  private final DType dtype;
  private final Tensor tensor;
  private long count;

  private TypedContents(DType dtype, Tensor tensor) {
    this.dtype = dtype;
    this.tensor = tensor;
  }

  /**
   * A tensor of these contents.
   *
   * @param contents null for none
   */
  static Tensor read(@Nullable MemorySegment contents, DType dtype, Shape shape, TensorArena arena)
      throws BrokenWorkerException {
    MemorySegment bytes = contents == null ? MemorySegment.ofArray(new byte[0]) : contents;
    ProtoReader in = new ProtoReader(bytes);
    if (dtype == DType.STRING) {
      StringTensorBuilder builder = new StringTensorBuilder(arena, 0, bytes.byteSize());
      while (in.next()) {
        requireField(dtype, in.field());
        MemorySegment element = in.readBytes();
        builder.add(element, 0, element.byteSize());
      }
      return builder.build(shape);
    }
    if (shape.elementCount() > bytes.byteSize()) {
      throw wrongCount(bytes.byteSize(), shape);
    }
    TypedContents typed = new TypedContents(dtype, arena.allocate(dtype, shape));
    while (in.next()) {
      requireField(dtype, in.field());
      typed.addAll(in);
    }
    if (typed.count != shape.elementCount()) {
      throw wrongCount(typed.count, shape);
    }
    return typed.tensor;
  }

  private static BrokenWorkerException wrongCount(long count, Shape shape) {
    return BrokenWorkerException.garbage(
        "contents: at most %d elements (expected: %d for %s)"
            .formatted(count, shape.elementCount(), shape));
  }

  /** Where the protocol puts elements of a type; 16-bit floats have no place but raw contents. */
  private static int field(DType dtype) {
    return switch (dtype) {
      case BOOL -> 1;
      case INT8, INT16, INT32 -> 2;
      case INT64 -> 3;
      case UINT8, UINT16, UINT32 -> 4;
      case UINT64 -> 5;
      case FLOAT32 -> FP32;
      case FLOAT64 -> FP64;
      case STRING -> BYTES;
      case FLOAT16, BFLOAT16, COMPLEX64, COMPLEX128 -> 0;
    };
  }

  private static void requireField(DType dtype, int field) throws BrokenWorkerException {
    if (field != field(dtype)) {
      throw BrokenWorkerException.garbage(
          "contents: field " + field + " for " + dtype + " (expected: " + field(dtype) + ")");
    }
  }

  private void addAll(ProtoReader in) throws BrokenWorkerException {
    if (in.wireType() != ProtoReader.LENGTH_DELIMITED) {
      add(in);
      return;
    }
    long outer = in.enter();
    while (in.hasRemaining()) {
      add(in);
    }
    in.leave(outer);
  }

  private void add(ProtoReader in) throws BrokenWorkerException {
    if (count >= tensor.elementCount()) {
      throw wrongCount(count + 1, tensor.shape());
    }
    MemorySegment data = tensor.data();
    long at = count++ * dtype.sizeBytes();
    if (dtype == DType.FLOAT32) {
      data.set(ValueLayout.JAVA_INT, at, in.readFixed32());
    } else if (dtype == DType.FLOAT64) {
      data.set(ValueLayout.JAVA_LONG, at, in.readFixed64());
    } else {
      long value = in.readVarint();
      for (int i = 0; i < dtype.sizeBytes(); i++) {
        data.set(ValueLayout.JAVA_BYTE, at + i, (byte) (value >>> 8 * i));
      }
    }
  }
}
