package io.salver.server.json;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Converts JSON values to the elements of one tensor, and appends them to a buffer in the arena.
 *
 * <p>The buffer starts small. When it is full it grows to what the rest of the text would need if
 * it went on as it did so far, so that a large tensor is copied once or twice, when it is small.
 * Used by one thread.
 */
final class ElementReader {
  private static final int INITIAL_ELEMENTS = 32;

  private final JsonReader reader;
  private final PlainFloats plainFloats = new PlainFloats();
  private DType dtype = DType.FLOAT32;
  private @Nullable TensorArena arena;
  private @Nullable StringTensorBuilder strings;
  private MemorySegment data = MemorySegment.NULL;
  private long capacityBytes;
  private long usedBytes;
  private int startPosition;
  private int level;
  private long passedLists;

  ElementReader(JsonReader reader) {
    this.reader = reader;
  }

  /** Starts a tensor. */
  void begin(DType elementType, TensorArena memory) {
    dtype = elementType;
    arena = memory;
    usedBytes = 0;
    data = MemorySegment.NULL;
    strings = null;
    if (elementType == DType.STRING) {
      strings = new StringTensorBuilder(memory, INITIAL_ELEMENTS, 8 * INITIAL_ELEMENTS);
    } else {
      capacityBytes = (long) INITIAL_ELEMENTS * elementType.sizeBytes();
      data = memory.allocate(capacityBytes);
    }
  }

  boolean isString() {
    return dtype == DType.STRING;
  }

  /** How many elements were read since {@link #begin}. */
  long count() {
    return strings != null ? strings.count() : usedBytes / dtype.sizeBytes();
  }

  /** The tensor; this holds on to nothing of it. */
  Tensor finish(Shape shape) {
    Tensor tensor =
        strings != null
            ? strings.build(shape)
            : Tensor.of(dtype, shape, data.asSlice(0, usedBytes));
    data = MemorySegment.NULL;
    strings = null;
    arena = null;
    return tensor;
  }

  /**
   * Reads the rest of an array of elements, from its first to behind its end; and perhaps arrays
   * that follow it, all of them of {@code length}: see {@link #passedLists}.
   *
   * @param depth how many lists enclose the elements, for messages
   * @param length of the arrays behind which the next one may be entered; -1 for none
   * @return how many elements the last of these arrays had
   */
  long readRun(int depth, long length) {
    level = depth;
    passedLists = 0;
    noteStart();
    return switch (dtype) {
      case FLOAT32 -> readFloats(length);
      case FLOAT64, FLOAT16, BFLOAT16 -> readOtherFloats();
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> readIntegers();
      case BOOL, STRING, COMPLEX64, COMPLEX128 -> readOthers();
    };
  }

  /** How many arrays the last {@link #readRun} read in front of the last one. */
  long passedLists() {
    return passedLists;
  }

  /** Reads one element. */
  void readElement() {
    noteStart();
    switch (dtype) {
      case FLOAT32 -> appendFloat();
      case FLOAT64, FLOAT16, BFLOAT16 -> appendOtherFloat();
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> appendInteger();
      case BOOL -> appendBoolean();
      case STRING -> appendString();
      case COMPLEX64, COMPLEX128 -> throw typeError();
    }
  }

  private void noteStart() {
    if (usedBytes == 0) {
      startPosition = reader.position();
    }
  }

  private long readFloats(long length) {
    long listBytes = length * Float.BYTES;
    long listStart = usedBytes;
    do {
      boolean ended = reader.readPlain(plainFloats, data, usedBytes, listStart, listBytes);
      usedBytes = plainFloats.usedBytes();
      listStart = plainFloats.listStart();
      passedLists += plainFloats.lists();
      if (!ended) {
        appendFloat();
      }
    } while (reader.nextElement());
    return (usedBytes - listStart) / Float.BYTES;
  }

  private long readOtherFloats() {
    long count = 0;
    do {
      appendOtherFloat();
      count++;
    } while (reader.nextElement());
    return count;
  }

  private long readIntegers() {
    long count = 0;
    do {
      appendInteger();
      count++;
    } while (reader.nextElement());
    return count;
  }

  private long readOthers() {
    long count = 0;
    do {
      readElement();
      count++;
    } while (reader.nextElement());
    return count;
  }

  private void appendFloat() {
    if (!reader.isNumber()) {
      throw typeError();
    }
    float value = reader.readFloat();
    reserve(Float.BYTES);
    data.set(ValueLayout.JAVA_FLOAT, usedBytes, value);
    usedBytes += Float.BYTES;
  }

  private void appendOtherFloat() {
    if (!reader.isNumber()) {
      throw typeError();
    }
    double value = reader.readDouble();
    reserve(dtype.sizeBytes());
    switch (dtype) {
      case FLOAT64 -> data.set(ValueLayout.JAVA_DOUBLE, usedBytes, value);
      case FLOAT16 -> data.set(ValueLayout.JAVA_SHORT, usedBytes, HalfFloats.toFloat16(value));
      default -> data.set(ValueLayout.JAVA_SHORT, usedBytes, HalfFloats.toBfloat16(value));
    }
    usedBytes += dtype.sizeBytes();
  }

  private void appendInteger() {
    int start = reader.position();
    if (!reader.isFiniteNumber()) {
      throw typeError();
    }
    reader.readNumber();
    if (!reader.isInteger() || !fits(reader.isNegative(), reader.magnitude())) {
      reader.moveTo(start);
      throw typeError();
    }
    long value = reader.isNegative() ? -reader.magnitude() : reader.magnitude();
    reserve(dtype.sizeBytes());
    switch (dtype.sizeBytes()) {
      case 1 -> data.set(ValueLayout.JAVA_BYTE, usedBytes, (byte) value);
      case 2 -> data.set(ValueLayout.JAVA_SHORT, usedBytes, (short) value);
      case 4 -> data.set(ValueLayout.JAVA_INT, usedBytes, (int) value);
      default -> data.set(ValueLayout.JAVA_LONG, usedBytes, value);
    }
    usedBytes += dtype.sizeBytes();
  }

  private boolean fits(boolean negative, long magnitude) {
    int bits = 8 * dtype.sizeBytes();
    return switch (dtype) {
      case UINT8, UINT16, UINT32 -> negative ? magnitude == 0 : magnitude >>> bits == 0;
      case UINT64 -> !negative || magnitude == 0;
      default -> {
        long bound = (1L << (bits - 1)) - (negative ? 0 : 1);
        yield Long.compareUnsigned(magnitude, bound) <= 0;
      }
    };
  }

  private void appendBoolean() {
    int b = reader.peek();
    if (b != 't' && b != 'f') {
      throw typeError();
    }
    byte value = (byte) (reader.readBoolean() ? 1 : 0);
    reserve(1);
    data.set(ValueLayout.JAVA_BYTE, usedBytes++, value);
  }

  private void appendString() {
    int b = reader.peek();
    if (b == '"') {
      reader.readString();
      addString();
    } else if (b == '{') {
      if (!reader.tryReadBase64()) {
        throw ServingException.invalid(jsonValue() + " not formatted correctly for base64 data");
      }
      appendBase64();
    } else {
      throw typeError();
    }
  }

  private void addString() {
    Objects.requireNonNull(strings)
        .add(reader.stringSegment(), reader.stringOffset(), reader.stringLength());
  }

  /** Appends what the base64 string that was read last stands for, to a STRING tensor. */
  void appendBase64() {
    if (!reader.decodeBase64()) {
      throw ServingException.invalid("Unable to base64 decode");
    }
    addString();
  }

  private void reserve(int sizeBytes) {
    if (usedBytes + sizeBytes > capacityBytes) {
      grow(sizeBytes);
    }
  }

  private void grow(int sizeBytes) {
    double consumed = Math.max(1, reader.position() - startPosition);
    double expected = usedBytes * (reader.length() - startPosition) / consumed;
    long least = usedBytes + usedBytes / 2;
    long wanted = Math.max(least, (long) (expected * 1.0625)) / sizeBytes * sizeBytes + sizeBytes;
    MemorySegment larger = Objects.requireNonNull(arena).allocate(wanted);
    MemorySegment.copy(data, 0, larger, 0, usedBytes);
    data = larger;
    capacityBytes = wanted;
  }

  /** The error that the next value is no element of the tensor. */
  ServingException typeError() {
    if (reader.peek() == '[') {
      return JsonTensorReader.listTooDeep(level);
    }
    if (dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128) {
      return unsupported();
    }
    return ServingException.invalid(
        jsonValue()
            + " Type: "
            + reader.typeName()
            + " is not of expected type: "
            + TypeNames.of(dtype));
  }

  private ServingException unsupported() {
    return new ServingException(
        Category.UNIMPLEMENTED,
        "Conversion of " + jsonValue() + " to type: " + TypeNames.of(dtype) + " is not supported");
  }

  private String jsonValue() {
    return "JSON Value: " + reader.debug(reader.position());
  }
}
