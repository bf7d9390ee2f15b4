package io.salver.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A cursor over a message in the protocol-buffers wire format.
 *
 * <pre>{@code
 * while (reader.next()) {
 *   switch (reader.field()) {
 *     case 1 -> name = reader.readString();
 *     case 2 -> { long end = reader.enter(); while (reader.next()) {...} reader.leave(end); }
 *     default -> reader.skip();
 *   }
 * }
 * }</pre>
 *
 * <p>Every length is checked against the enclosing message before it is used. Used by one thread;
 * one reader serves a whole message, nested ones included, so that reading allocates nothing.
 */
public final class ProtoReader {
  /** Wire type of variable-length integers. */
  public static final int VARINT = 0;

  /** Wire type of 64-bit values. */
  public static final int FIXED64 = 1;

  /** Wire type of strings, bytes, messages and packed lists. */
  public static final int LENGTH_DELIMITED = 2;

  /** Wire type of 32-bit values. */
  public static final int FIXED32 = 5;

  private static final int START_GROUP = 3;
  private static final int END_GROUP = 4;
  private static final int MAX_GROUP_DEPTH = 64;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private MemorySegment segment = MemorySegment.NULL;
  private long position;
  private long end;
  private int tag;

  /** A reader over nothing; see {@link #reset}. */
  public ProtoReader() {}

  /** A reader over {@code message}. */
  public ProtoReader(MemorySegment message) {
    reset(message);
  }

  /** Starts over with another message. */
  public void reset(MemorySegment message) {
    reset(message, 0, message.byteSize());
  }

  /**
   * Starts over with the message that lies in {@code memory} from {@code from} up to {@code to};
   * positions stay relative to {@code memory}.
   */
  public void reset(MemorySegment memory, long from, long to) {
    Objects.checkFromToIndex(from, to, memory.byteSize());
    segment = memory;
    position = from;
    end = to;
    tag = 0;
  }

  /** Moves to the next field; false at the end of the message that was entered last. */
  public boolean next() {
    if (position >= end) {
      return false;
    }
    tag = readTag();
    return true;
  }

  private int readTag() {
    long value = readVarint();
    int read = (int) value;
    if (value >>> 32 != 0 || read >>> 3 == 0) {
      throw new WireFormatException(
          "protobuf: tag " + value + " at offset " + position + " (expected: a field number >= 1)");
    }
    return read;
  }

  /** The number of the field that {@link #next} found. */
  public int field() {
    return tag >>> 3;
  }

  /** The wire type of the field that {@link #next} found. */
  public int wireType() {
    return tag & 7;
  }

  /** Where the cursor is, in bytes from the start of the segment. */
  public long position() {
    return position;
  }

  /** Where the message that was entered last ends. */
  public long end() {
    return end;
  }

  /** A variable-length integer; negative ones sign-extended, as int32, int64 and enums are. */
  public long readVarint() {
    long result = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (position >= end) {
        throw truncated(1);
      }
      byte b = segment.get(ValueLayout.JAVA_BYTE, position++);
      result |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return result;
      }
    }
    throw new WireFormatException(
        "protobuf: varint at offset " + (position - 10) + " (expected: at most 10 bytes)");
  }

  /** A varint field's value; an error if the field has another wire type. */
  public long readInt64() {
    expect(VARINT);
    return readVarint();
  }

  /** A varint field's value, cut to 32 bits as the format demands. */
  public int readInt32() {
    return (int) readInt64();
  }

  /** A varint field's value as a truth value. */
  public boolean readBool() {
    return readInt64() != 0;
  }

  /** A 32-bit field's value. */
  public float readFloat() {
    expect(FIXED32);
    return Float.intBitsToFloat(readFixed32());
  }

  /** A 64-bit field's value. */
  public double readDouble() {
    expect(FIXED64);
    return Double.longBitsToDouble(readFixed64());
  }

  /** Four bytes at the cursor. */
  public int readFixed32() {
    require(Integer.BYTES);
    int value = segment.get(INT, position);
    position += Integer.BYTES;
    return value;
  }

  /** Eight bytes at the cursor. */
  public long readFixed64() {
    require(Long.BYTES);
    long value = segment.get(LONG, position);
    position += Long.BYTES;
    return value;
  }

  /** A length-delimited field's bytes, as a view. */
  public MemorySegment readBytes() {
    long length = readLength();
    MemorySegment bytes = segment.asSlice(position, length);
    position += length;
    return bytes;
  }

  /** A length-delimited field's bytes as UTF-8; malformed bytes become U+FFFD. */
  public String readString() {
    return new String(readBytes().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /**
   * Enters a nested message or a packed list: until {@link #leave}, {@link #next} ends with it.
   *
   * @return what to give to {@link #leave}
   */
  public long enter() {
    long length = readLength();
    long outer = end;
    end = position + length;
    return outer;
  }

  /** Leaves what {@link #enter} entered; what was not read of it is skipped. */
  public void leave(long outer) {
    position = end;
    end = outer;
  }

  /** Whether the message or packed list that was entered last has more bytes. */
  public boolean hasRemaining() {
    return position < end;
  }

  /** Passes over the field that {@link #next} found. */
  public void skip() {
    skip(tag, 0);
  }

  private void skip(int skipped, int depth) {
    switch (skipped & 7) {
      case VARINT -> readVarint();
      case FIXED64 -> advance(Long.BYTES);
      case FIXED32 -> advance(Integer.BYTES);
      case LENGTH_DELIMITED -> advance(length());
      case START_GROUP -> skipGroup(skipped, depth);
      default ->
          throw new WireFormatException(
              "protobuf: wire type "
                  + (skipped & 7)
                  + " of field "
                  + (skipped >>> 3)
                  + " at offset "
                  + position
                  + " (expected: 0, 1, 2, 3 or 5)");
    }
  }

  private void skipGroup(int start, int depth) {
    if (depth == MAX_GROUP_DEPTH) {
      throw new WireFormatException(
          "protobuf: groups nested deeper than " + MAX_GROUP_DEPTH + " at offset " + position);
    }
    while (true) {
      int inner = readTag();
      if ((inner & 7) == END_GROUP) {
        if (inner >>> 3 != start >>> 3) {
          throw new WireFormatException(
              "protobuf: end of group "
                  + (inner >>> 3)
                  + " at offset "
                  + position
                  + " (expected: of group "
                  + (start >>> 3)
                  + ")");
        }
        return;
      }
      skip(inner, depth + 1);
    }
  }

  private long readLength() {
    expect(LENGTH_DELIMITED);
    return length();
  }

  private long length() {
    long length = readVarint();
    require(length);
    return length;
  }

  private void advance(long count) {
    require(count);
    position += count;
  }

  private void require(long count) {
    if (count < 0 || count > end - position) {
      throw truncated(count);
    }
  }

  private WireFormatException truncated(long count) {
    return new WireFormatException(
        "protobuf: "
            + Long.toUnsignedString(count)
            + " bytes at offset "
            + position
            + " (expected: at most "
            + (end - position)
            + ", all that the message has left)");
  }

  private void expect(int wireType) {
    if ((tag & 7) != wireType) {
      throw new WireFormatException(
          "protobuf: wire type "
              + (tag & 7)
              + " of field "
              + field()
              + " at offset "
              + position
              + " (expected: "
              + wireType
              + ")");
    }
  }
}
