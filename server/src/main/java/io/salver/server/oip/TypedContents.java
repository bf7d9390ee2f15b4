package io.salver.server.oip;

import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads an {@code InferTensorContents}: the elements of a tensor in the field of their type, packed
 * or one by one. There are as many as the shape says, no more and no less, and each fits the type.
 * Used by one thread, for one tensor after the other.
 */
final class TypedContents {
  private static final int CONTENTS = 5;
  private static final int BYTES_CONTENTS = 8;

  private final ProtoReader reader = new ProtoReader();
  private MemorySegment memory = MemorySegment.NULL;
  private TensorSpec spec = TensorSpec.of("", DType.BOOL, Shape.SCALAR);
  private String model = "";

  /** The tensor whose {@code InferInputTensor} lies in {@code message} from {@code from} on. */
  Tensor read(
      MemorySegment message,
      long from,
      long to,
      TensorSpec input,
      Shape shape,
      String modelName,
      TensorArena arena) {
    memory = message;
    spec = input;
    model = modelName;
    int field = field(input.dtype());
    long stringBytes = checkFields(from, to, field, shape);
    reader.reset(message, from, to);
    Tensor tensor =
        field == BYTES_CONTENTS ? strings(shape, stringBytes, arena) : numbers(field, shape, arena);
    memory = MemorySegment.NULL;
    return tensor;
  }

  private int field(DType dtype) {
    return switch (dtype) {
      case BOOL -> 1;
      case INT8, INT16, INT32 -> 2;
      case INT64 -> 3;
      case UINT8, UINT16, UINT32 -> 4;
      case UINT64 -> 5;
      case FLOAT32 -> 6;
      case FLOAT64 -> 7;
      case STRING -> BYTES_CONTENTS;
      case FLOAT16, BFLOAT16, COMPLEX64, COMPLEX128 ->
          throw refuse("contents of " + Datatypes.name(dtype), "raw_input_contents");
    };
  }

  /** Checks that only {@code expected} has values; returns the bytes of strings among them. */
  private long checkFields(long from, long to, int expected, Shape shape) {
    long strings = 0;
    long stringBytes = 0;
    reader.reset(memory, from, to);
    while (reader.next()) {
      if (reader.field() != CONTENTS) {
        reader.skip();
        continue;
      }
      long outer = reader.enter();
      while (reader.next()) {
        if (reader.field() <= BYTES_CONTENTS && reader.field() != expected) {
          checkIsEmpty();
        } else if (reader.field() == BYTES_CONTENTS) {
          long string = reader.enter();
          strings++;
          stringBytes += reader.end() - reader.position();
          reader.leave(string);
        } else {
          reader.skip();
        }
      }
      reader.leave(outer);
    }
    if (expected == BYTES_CONTENTS && strings != shape.elementCount()) {
      throw refuse("contents of " + strings + " elements", count(shape));
    }
    return stringBytes;
  }

  private void checkIsEmpty() {
    int field = reader.field();
    boolean empty = false;
    if (reader.wireType() == ProtoReader.LENGTH_DELIMITED && field != BYTES_CONTENTS) {
      long outer = reader.enter();
      empty = !reader.hasRemaining();
      reader.leave(outer);
    }
    if (!empty) {
      throw refuse(
          "contents in field " + field,
          "field "
              + field(spec.dtype())
              + ", which holds those of "
              + Datatypes.name(spec.dtype()));
    }
  }

  private static String count(Shape shape) {
    return shape.elementCount() + " for shape " + shape;
  }

  private Tensor strings(Shape shape, long sizeBytes, TensorArena arena) {
    MemorySegment offsets = arena.allocate((shape.elementCount() + 1) * Long.BYTES);
    MemorySegment bytes = arena.allocate(sizeBytes);
    long i = 0;
    long used = 0;
    offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, 0L);
    while (reader.next()) {
      if (reader.field() != CONTENTS) {
        reader.skip();
        continue;
      }
      long outer = reader.enter();
      while (reader.next()) {
        if (reader.field() != BYTES_CONTENTS) {
          reader.skip();
          continue;
        }
        long string = reader.enter();
        long length = reader.end() - reader.position();
        MemorySegment.copy(memory, reader.position(), bytes, used, length);
        used += length;
        offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, ++i * Long.BYTES, used);
        reader.leave(string);
      }
      reader.leave(outer);
    }
    return Tensor.ofStrings(shape, offsets, bytes);
  }

  private Tensor numbers(int field, Shape shape, TensorArena arena) {
    long size = RawTensors.sizeBytes(spec.dtype(), shape, spec, model);
    Tensor tensor = arena.allocate(spec.dtype(), shape);
    MemorySegment data = tensor.data();
    long filled = 0;
    while (reader.next()) {
      if (reader.field() != CONTENTS) {
        reader.skip();
        continue;
      }
      long outer = reader.enter();
      while (reader.next()) {
        if (reader.field() == field) {
          filled = readValues(data, filled, shape);
        } else {
          reader.skip();
        }
      }
      reader.leave(outer);
    }
    if (filled != size) {
      throw refuse("contents of " + filled / spec.dtype().sizeBytes() + " elements", count(shape));
    }
    return tensor;
  }

  private long readValues(MemorySegment data, long filled, Shape shape) {
    boolean fixed = spec.dtype() == DType.FLOAT32 || spec.dtype() == DType.FLOAT64;
    int size = spec.dtype().sizeBytes();
    if (reader.wireType() != ProtoReader.LENGTH_DELIMITED) {
      requireRoom(data, filled + size, shape);
      if (fixed) {
        storeFixed(data, filled, size);
      } else {
        store(data, filled, reader.readInt64());
      }
      return filled + size;
    }
    long outer = reader.enter();
    long at = fixed ? copy(data, filled, size, shape) : filled;
    while (!fixed && reader.hasRemaining()) {
      requireRoom(data, at + size, shape);
      store(data, at, reader.readVarint());
      at += size;
    }
    reader.leave(outer);
    return at;
  }

  private void storeFixed(MemorySegment data, long at, int size) {
    if (size == Float.BYTES) {
      data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, reader.readFloat());
    } else {
      data.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, reader.readDouble());
    }
  }

  private long copy(MemorySegment data, long filled, int size, Shape shape) {
    long length = reader.end() - reader.position();
    if (length % size != 0) {
      throw refuse("packed contents of " + length + " bytes", "a multiple of " + size);
    }
    requireRoom(data, filled + length, shape);
    MemorySegment.copy(memory, reader.position(), data, filled, length);
    return filled + length;
  }

  private void requireRoom(MemorySegment data, long needed, Shape shape) {
    if (needed > data.byteSize()) {
      throw refuse(
          "contents of at least " + needed / spec.dtype().sizeBytes() + " elements", count(shape));
    }
  }

  private void store(MemorySegment data, long at, long varint) {
    switch (spec.dtype()) {
      case BOOL -> data.set(ValueLayout.JAVA_BYTE, at, (byte) (varint != 0 ? 1 : 0));
      case INT64, UINT64 -> data.set(ValueLayout.JAVA_LONG_UNALIGNED, at, varint);
      case INT32, UINT32 -> data.set(ValueLayout.JAVA_INT_UNALIGNED, at, (int) varint);
      case INT16 -> data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) inRange((int) varint));
      case INT8 -> data.set(ValueLayout.JAVA_BYTE, at, (byte) inRange((int) varint));
      case UINT16 ->
          data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) inRange(varint & 0xffffffffL));
      case UINT8 -> data.set(ValueLayout.JAVA_BYTE, at, (byte) inRange(varint & 0xffffffffL));
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, COMPLEX64, COMPLEX128, STRING ->
          throw new AssertionError(spec.dtype() + " is not carried as integers");
    }
  }

  private long inRange(long value) {
    boolean fits =
        switch (spec.dtype()) {
          case INT8 -> value == (byte) value;
          case INT16 -> value == (short) value;
          case UINT8 -> value <= 0xff;
          default -> value <= 0xffff;
        };
    if (!fits) {
      throw refuse("contents: " + value, "a value of " + Datatypes.name(spec.dtype()));
    }
    return value;
  }

  private ServingException refuse(String found, String expected) {
    return InferInputs.wrong(spec.name(), model, found, expected);
  }
}
