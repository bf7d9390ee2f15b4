package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Reads a {@code TensorProto} straight into an arena. Used by one thread, for one tensor after the
 * other.
 *
 * <p>Two passes. The first reads type, shape and content's place, and skips values; then everything
 * that can be wrong about sizes is known, and memory is allocated. The second pass copies the
 * values. Fewer values than elements are completed with the last one, none at all with zeros, as
 * TensorFlow does; more than there are elements are refused. Integers are cut to the type's width.
 *
 * <p>What is wrong with the tensor is thrown as INVALID_ARGUMENT; what is wrong with the wire
 * format as {@link io.salver.wire.WireFormatException}.
 */
final class TensorProtoReader {
  private static final int MAX_RANK = 254;
  private static final int FIRST_VALUE_FIELD = 5;
  private static final int LAST_VALUE_FIELD = 17;

  private final ProtoReader reader = new ProtoReader();
  private MemorySegment memory = MemorySegment.NULL;
  private String name = "";
  private int dtypeNumber;
  private int rank;
  private long[] dims = new long[4];
  private boolean unknownRank;
  private long contentFrom;
  private long contentTo;
  private int valueFields;
  private long stringCount;
  private long stringBytes;

  /**
   * Reads the tensor that lies in {@code message} from {@code from} up to {@code to}.
   *
   * @param spec what it has to be; its shape is not enforced
   */
  Tensor read(MemorySegment message, long from, long to, TensorSpec spec, TensorArena arena) {
    memory = message;
    name = spec.name();
    reader.reset(message, from, to);
    readHeader();
    DType dtype = spec.dtype();
    if (dtypeNumber != TensorTypes.number(dtype)) {
      throw refuse("dtype: " + TensorTypes.name(dtypeNumber), TensorTypes.name(dtype));
    }
    Shape shape = shape();
    boolean hasContent = contentTo > contentFrom;
    if (!hasContent) {
      checkValueFields(dtype);
    }
    reader.reset(message, from, to);
    if (dtype == DType.STRING) {
      return hasContent ? stringsOfContent(shape, arena) : stringsOfValues(shape, arena);
    }
    return hasContent ? ofContent(dtype, shape, arena) : ofValues(dtype, shape, arena);
  }

  private void readHeader() {
    dtypeNumber = 0;
    rank = 0;
    unknownRank = false;
    contentFrom = 0;
    contentTo = 0;
    valueFields = 0;
    stringCount = 0;
    stringBytes = 0;
    while (reader.next()) {
      int field = reader.field();
      switch (field) {
        case 1 -> dtypeNumber = reader.readInt32();
        case 2 -> readShape();
        case 4 -> {
          long outer = reader.enter();
          contentFrom = reader.position();
          contentTo = reader.end();
          reader.leave(outer);
        }
        case 8 -> {
          long outer = reader.enter();
          stringCount++;
          stringBytes += reader.end() - reader.position();
          reader.leave(outer);
          valueFields |= 1 << field;
        }
        default -> skipValues(field);
      }
    }
  }

  private void skipValues(int field) {
    if (field >= FIRST_VALUE_FIELD && field <= LAST_VALUE_FIELD) {
      valueFields |= 1 << field;
    }
    reader.skip();
  }

  private void readShape() {
    long outer = reader.enter();
    while (reader.next()) {
      switch (reader.field()) {
        case 2 -> addDim(readDim());
        case 3 -> unknownRank = reader.readBool();
        default -> reader.skip();
      }
    }
    reader.leave(outer);
  }

  private long readDim() {
    long size = 0;
    long outer = reader.enter();
    while (reader.next()) {
      if (reader.field() == 1) {
        size = reader.readInt64();
      } else {
        reader.skip();
      }
    }
    reader.leave(outer);
    return size;
  }

  private void addDim(long size) {
    if (size < 0) {
      throw refuse("tensor_shape: dimension " + rank + " is " + size, ">= 0");
    }
    if (rank == MAX_RANK) {
      throw refuse("tensor_shape: more than " + MAX_RANK + " dimensions", "at most " + MAX_RANK);
    }
    if (rank == dims.length) {
      dims = Arrays.copyOf(dims, 2 * rank);
    }
    dims[rank++] = size;
  }

  private Shape shape() {
    if (unknownRank) {
      throw refuse("tensor_shape: unknown_rank", "the tensor's dimensions");
    }
    try {
      return Shape.of(Arrays.copyOf(dims, rank));
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid("tensor parsing error: " + name + ": " + e.getMessage());
    }
  }

  private void checkValueFields(DType dtype) {
    int expected = TensorTypes.valueField(dtype);
    int others = valueFields & ~(1 << expected);
    if (others != 0) {
      throw refuse(
          "values in field " + Integer.numberOfTrailingZeros(others),
          "field " + expected + ", which holds those of " + TensorTypes.name(dtype));
    }
  }

  private Tensor ofContent(DType dtype, Shape shape, TensorArena arena) {
    long expected = sizeBytes(dtype, shape);
    long length = contentTo - contentFrom;
    if (length != expected) {
      throw refuse("tensor_content: " + length + " bytes", expected + " for " + dtype + shape);
    }
    Tensor tensor = arena.allocate(dtype, shape);
    MemorySegment.copy(memory, contentFrom, tensor.data(), 0, length);
    if (dtype == DType.BOOL) {
      checkTruthValues(tensor);
    }
    return tensor;
  }

  private void checkTruthValues(Tensor tensor) {
    for (long i = 0; i < tensor.elementCount(); i++) {
      if ((tensor.getByte(i) & ~1) != 0) {
        throw refuse("tensor_content: byte " + i + " is " + tensor.getByte(i), "0 or 1");
      }
    }
  }

  private long sizeBytes(DType dtype, Shape shape) {
    try {
      return Tensor.sizeBytes(dtype, shape);
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid("tensor parsing error: " + name + ": " + e.getMessage());
    }
  }

  private Tensor ofValues(DType dtype, Shape shape, TensorArena arena) {
    sizeBytes(dtype, shape);
    int field = TensorTypes.valueField(dtype);
    int fixedBytes = TensorTypes.fixedValueBytes(dtype);
    Tensor tensor = arena.allocate(dtype, shape);
    MemorySegment data = tensor.data();
    long filled = 0;
    while (reader.next()) {
      if (reader.field() != field) {
        reader.skip();
      } else if (fixedBytes > 0) {
        filled += readFixed(data, filled, fixedBytes);
      } else {
        filled = readVarints(data, filled, dtype);
      }
    }
    if (filled % dtype.sizeBytes() != 0) {
      throw refuse("an odd number of values", "real and imaginary parts in turn");
    }
    repeatLast(data, filled, dtype.sizeBytes());
    return tensor;
  }

  private long readFixed(MemorySegment data, long filled, int valueBytes) {
    if (reader.wireType() != ProtoReader.LENGTH_DELIMITED) {
      requireRoom(data, filled + valueBytes, valueBytes);
      if (valueBytes == Float.BYTES) {
        data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, filled, reader.readFloat());
      } else {
        data.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, filled, reader.readDouble());
      }
      return valueBytes;
    }
    long outer = reader.enter();
    long from = reader.position();
    long length = reader.end() - from;
    if (length % valueBytes != 0) {
      throw refuse("packed values: " + length + " bytes", "a multiple of " + valueBytes);
    }
    requireRoom(data, filled + length, valueBytes);
    MemorySegment.copy(memory, from, data, filled, length);
    reader.leave(outer);
    return length;
  }

  private long readVarints(MemorySegment data, long filled, DType dtype) {
    int size = dtype.sizeBytes();
    if (reader.wireType() != ProtoReader.LENGTH_DELIMITED) {
      requireRoom(data, filled + size, size);
      store(data, filled, dtype, reader.readInt64());
      return filled + size;
    }
    long outer = reader.enter();
    long at = filled;
    while (reader.hasRemaining()) {
      requireRoom(data, at + size, size);
      store(data, at, dtype, reader.readVarint());
      at += size;
    }
    reader.leave(outer);
    return at;
  }

  private static void store(MemorySegment data, long at, DType dtype, long value) {
    switch (dtype.sizeBytes()) {
      case Long.BYTES -> data.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value);
      case Integer.BYTES -> data.set(ValueLayout.JAVA_INT_UNALIGNED, at, (int) value);
      case Short.BYTES -> data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) value);
      default ->
          data.set(
              ValueLayout.JAVA_BYTE,
              at,
              dtype == DType.BOOL ? (byte) (value != 0 ? 1 : 0) : (byte) value);
    }
  }

  private void requireRoom(MemorySegment data, long needed, int valueBytes) {
    if (needed > data.byteSize()) {
      throw refuse(
          "values: at least " + needed / valueBytes,
          "at most " + data.byteSize() / valueBytes + ", which is what the shape holds");
    }
  }

  /** Completes {@code data} with its last element, or with zeros if there is none. */
  private static void repeatLast(MemorySegment data, long filled, int elementBytes) {
    long total = data.byteSize();
    if (filled == 0) {
      data.fill((byte) 0);
      return;
    }
    long last = filled - elementBytes;
    for (long at = filled; at < total; ) {
      long count = Math.min(at - last, total - at);
      MemorySegment.copy(data, last, data, at, count);
      at += count;
    }
  }

  private Tensor stringsOfValues(Shape shape, TensorArena arena) {
    long count = stringElements(shape);
    if (stringCount > count) {
      throw refuse("string_val: " + stringCount + " values", count + " for STRING" + shape);
    }
    MemorySegment offsets = arena.allocate((count + 1) * Long.BYTES);
    long lastFrom = 0;
    long lastTo = 0;
    MemorySegment bytes = arena.allocate(stringBytes);
    long i = 0;
    while (reader.next()) {
      if (reader.field() != 8) {
        reader.skip();
        continue;
      }
      long outer = reader.enter();
      lastFrom = lastTo;
      lastTo += reader.end() - reader.position();
      MemorySegment.copy(memory, reader.position(), bytes, lastFrom, lastTo - lastFrom);
      offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, i++ * Long.BYTES, lastFrom);
      reader.leave(outer);
    }
    if (i < count && lastTo > lastFrom) {
      bytes = withRepeatedTail(bytes, lastFrom, count - i, arena);
    }
    for (long at = lastTo; i <= count; i++, at += lastTo - lastFrom) {
      offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, i * Long.BYTES, at);
    }
    return Tensor.ofStrings(shape, offsets, bytes);
  }

  /** These bytes, and those from {@code lastFrom} on {@code times} more. */
  private MemorySegment withRepeatedTail(
      MemorySegment bytes, long lastFrom, long times, TensorArena arena) {
    long length = bytes.byteSize() - lastFrom;
    if (times > (Long.MAX_VALUE - bytes.byteSize()) / length) {
      throw refuse(
          "string_val: " + length + " bytes for each of " + times + " elements",
          "less than 2^63 bytes");
    }
    MemorySegment all = arena.allocate(bytes.byteSize() + times * length);
    MemorySegment.copy(bytes, 0, all, 0, bytes.byteSize());
    for (long at = bytes.byteSize(); at < all.byteSize(); at += length) {
      MemorySegment.copy(bytes, lastFrom, all, at, length);
    }
    return all;
  }

  private Tensor stringsOfContent(Shape shape, TensorArena arena) {
    long count = stringElements(shape);
    long length = contentTo - contentFrom;
    if (count > length) {
      throw refuse("tensor_content: " + length + " bytes", "a length for each of " + shape);
    }
    reader.reset(memory, contentFrom, contentTo);
    MemorySegment offsets = arena.allocate((count + 1) * Long.BYTES);
    long at = 0;
    for (long i = 0; i < count; i++) {
      offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, i * Long.BYTES, at);
      long size = reader.readVarint();
      if (size < 0 || size > length - at) {
        throw refuse("tensor_content: string " + i + " of " + size + " bytes", "what is there");
      }
      at += size;
    }
    offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, count * Long.BYTES, at);
    long from = reader.position();
    if (contentTo - from != at) {
      throw refuse(
          "tensor_content: " + (contentTo - from) + " bytes of strings", at + " by their lengths");
    }
    MemorySegment bytes = arena.allocate(at);
    MemorySegment.copy(memory, from, bytes, 0, at);
    return Tensor.ofStrings(shape, offsets, bytes);
  }

  private long stringElements(Shape shape) {
    long count = shape.elementCount();
    if (count >= Long.MAX_VALUE / Long.BYTES) {
      throw refuse("tensor_shape: " + count + " strings", "less than 2^60");
    }
    return count;
  }

  private ServingException refuse(String found, String expected) {
    return ServingException.invalid(
        "tensor parsing error: " + name + ": " + found + " (expected: " + expected + ")");
  }
}
