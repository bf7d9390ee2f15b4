package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads Universal Binary JSON (draft 12, ubjson.org), big-endian, as XGBoost writes it: containers
 * of numbers may be typed and counted, other arrays may be counted. What it allocates is bounded by
 * the length of the data, and its recursion by {@link JsonReader#MAX_DEPTH}.
 */
final class UbjsonReader {
  private final ByteBuffer data;

  private UbjsonReader(byte[] data) {
    this.data = ByteBuffer.wrap(data).order(ByteOrder.BIG_ENDIAN);
  }

  /**
   * The one value that {@code data} is.
   *
   * @throws ModelLoadException if it is not UBJSON, or ends early; the message names the position
   */
  static Value read(byte[] data) throws ModelLoadException {
    UbjsonReader reader = new UbjsonReader(data);
    Value value = reader.value(reader.marker(), 0);
    if (reader.data.hasRemaining()) {
      throw new ModelLoadException(
          "UBJSON: "
              + reader.data.remaining()
              + " bytes after byte "
              + reader.data.position()
              + " (expected: the end of the file)");
    }
    return value;
  }

  private Value value(int marker, int depth) throws ModelLoadException {
    if (depth > JsonReader.MAX_DEPTH) {
      throw new ModelLoadException(
          "UBJSON: nested deeper than "
              + JsonReader.MAX_DEPTH
              + " at byte "
              + data.position()
              + " (expected: less)");
    }
    return switch (marker) {
      case '{' -> members(depth);
      case '[' -> elements(depth);
      case 'S' -> new Value.Text(string(length()));
      case 'Z' -> new Value.Null();
      case 'T' -> new Value.Single(1);
      case 'F' -> new Value.Single(0);
      default -> new Value.Single(number(marker));
    };
  }

  private Value members(int depth) throws ModelLoadException {
    Map<String, Value> members = new HashMap<>();
    int marker = marker();
    while (marker != '}') {
      String name = string(length(marker));
      members.put(name, value(marker(), depth + 1));
      marker = marker();
    }
    return new Value.Members(members);
  }

  private Value elements(int depth) throws ModelLoadException {
    int marker = marker();
    if (marker == '$') {
      int type = marker();
      expect('#');
      return typed(type, count(sizeBytes(type)));
    }
    NumberList elements = new NumberList();
    if (marker == '#') {
      int count = count(1);
      for (int i = 0; i < count; i++) {
        elements.add(value(marker(), depth + 1));
      }
    } else {
      while (marker != ']') {
        elements.add(value(marker, depth + 1));
        marker = marker();
      }
    }
    return elements.toValue();
  }

  private Value typed(int type, int count) throws ModelLoadException {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = number(type);
    }
    return new Value.Numbers(numbers);
  }

  private double number(int type) throws ModelLoadException {
    need(sizeBytes(type));
    return switch (type) {
      case 'i', 'C' -> data.get();
      case 'U' -> data.get() & 0xff;
      case 'I' -> data.getShort();
      case 'l' -> data.getInt();
      case 'L' -> data.getLong();
      case 'd' -> data.getFloat();
      default -> data.getDouble();
    };
  }

  private int sizeBytes(int type) throws ModelLoadException {
    return switch (type) {
      case 'i', 'U', 'C' -> Byte.BYTES;
      case 'I' -> Short.BYTES;
      case 'l', 'd' -> Integer.BYTES;
      case 'L', 'D' -> Long.BYTES;
      default ->
          throw new ModelLoadException(
              "UBJSON: type "
                  + (type > ' ' && type < 0x7f ? "'" + (char) type + "'" : "0x" + hex(type))
                  + " at byte "
                  + (data.position() - 1)
                  + " (expected: one of Z T F i U I l L d D C S [ {)");
    };
  }

  private static String hex(int value) {
    return Integer.toHexString(value & 0xff);
  }

  private String string(int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    data.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private int length() throws ModelLoadException {
    return length(marker());
  }

  private int length(int marker) throws ModelLoadException {
    return checked(integer(marker), 1);
  }

  private int count(int elementBytes) throws ModelLoadException {
    return checked(integer(marker()), elementBytes);
  }

  private long integer(int marker) throws ModelLoadException {
    if (marker == 'd' || marker == 'D') {
      throw new ModelLoadException(
          "UBJSON: a fraction at byte " + data.position() + " (expected: a length)");
    }
    if (marker == 'L') {
      need(Long.BYTES);
      return data.getLong();
    }
    return (long) number(marker);
  }

  /** Nothing is allocated for a count that the rest of the data is too short for. */
  private int checked(long count, int elementBytes) throws ModelLoadException {
    if (count < 0 || count > data.remaining() / elementBytes) {
      throw new ModelLoadException(
          "UBJSON: a count of "
              + count
              + " before byte "
              + data.position()
              + " (expected: at most "
              + data.remaining() / elementBytes
              + ", for which there are bytes)");
    }
    return (int) count;
  }

  private int marker() throws ModelLoadException {
    need(1);
    return data.get();
  }

  private void expect(char wanted) throws ModelLoadException {
    int found = marker();
    if (found != wanted) {
      throw new ModelLoadException(
          "UBJSON: byte "
              + found
              + " at byte "
              + (data.position() - 1)
              + " (expected: '"
              + wanted
              + "')");
    }
  }

  private void need(int bytes) throws ModelLoadException {
    if (data.remaining() < bytes) {
      throw new ModelLoadException(
          "UBJSON: ends at byte " + data.limit() + " (expected: " + bytes + " bytes more)");
    }
  }
}
