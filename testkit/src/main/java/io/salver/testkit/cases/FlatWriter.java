package io.salver.testkit.cases;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes flatbuffers, front to back, without sharing anything.
 *
 * <p>A value is an {@link Integer} (a field of 32 bits), a {@link Byte}, a {@link Double}, a {@link
 * String}, an array of numbers, a table, which is a map from field to value, or a {@link List} of
 * tables.
 */
public final class FlatWriter {
  private static final int CAPACITY = 1 << 16;
  private static final int ALIGNMENT = 16;

  /** What each field of a table takes, so that any number fits and is aligned. */
  private static final int SLOT_BYTES = 8;

  private final ByteBuffer out = ByteBuffer.allocate(CAPACITY).order(ByteOrder.LITTLE_ENDIAN);

  private FlatWriter() {}

  /** A table of these fields: number, value, number, value. */
  public static Map<Integer, Object> table(Object... fields) {
    Map<Integer, Object> table = new TreeMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      table.put((Integer) fields[i], fields[i + 1]);
    }
    return table;
  }

  /**
   * A file with that root.
   *
   * @param identifier four characters, or none
   */
  public static byte[] write(String identifier, Map<Integer, Object> root) {
    FlatWriter writer = new FlatWriter();
    writer.out.putInt(0);
    writer.out.put(identifier.getBytes(StandardCharsets.US_ASCII));
    writer.out.putInt(0, writer.value(root));
    return Arrays.copyOf(writer.out.array(), writer.out.position());
  }

  /** Writes what a field refers to, and returns its place. */
  private int value(Object value) {
    return switch (value) {
      case Map<?, ?> table -> tableAt(table);
      case List<?> tables -> tablesAt(tables);
      case int[] numbers -> {
        int at = vector(numbers.length, Integer.BYTES);
        Arrays.stream(numbers).forEach(out::putInt);
        yield at;
      }
      case long[] numbers -> {
        int at = vector(numbers.length, Long.BYTES);
        Arrays.stream(numbers).forEach(out::putLong);
        yield at;
      }
      case float[] numbers -> {
        int at = vector(numbers.length, Float.BYTES);
        for (float number : numbers) {
          out.putFloat(number);
        }
        yield at;
      }
      case double[] numbers -> {
        int at = vector(numbers.length, Double.BYTES);
        Arrays.stream(numbers).forEach(out::putDouble);
        yield at;
      }
      case byte[] bytes -> {
        int at = vector(bytes.length, ALIGNMENT);
        out.put(bytes);
        yield at;
      }
      case String text -> {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int at = vector(bytes.length, Integer.BYTES);
        out.put(bytes).put((byte) 0);
        yield at;
      }
      default -> throw new IllegalArgumentException("value: " + value.getClass());
    };
  }

  /** Writes the length of a vector so that its elements are aligned. */
  private int vector(int count, int alignment) {
    while (out.position() % Integer.BYTES != 0
        || (out.position() + Integer.BYTES) % alignment != 0) {
      out.put((byte) 0);
    }
    int at = out.position();
    out.putInt(count);
    return at;
  }

  private int tablesAt(List<?> tables) {
    int at = vector(tables.size(), Integer.BYTES);
    int slots = out.position();
    out.position(slots + tables.size() * Integer.BYTES);
    for (int i = 0; i < tables.size(); i++) {
      int slot = slots + i * Integer.BYTES;
      out.putInt(slot, value(tables.get(i)) - slot);
    }
    return at;
  }

  private int tableAt(Map<?, ?> table) {
    int fields = table.keySet().stream().mapToInt(field -> (Integer) field + 1).max().orElse(0);
    while (out.position() % Integer.BYTES != 0) {
      out.put((byte) 0);
    }
    int vtable = out.position();
    int vtableBytes = 4 + 2 * fields;
    int at = (vtable + vtableBytes + 3) / 8 * 8 + 4;
    out.putShort((short) vtableBytes);
    out.putShort((short) (4 + SLOT_BYTES * fields));
    out.position(at + 4 + SLOT_BYTES * fields);
    out.putInt(at, at - vtable);
    table.forEach((field, value) -> {
      int slot = at + 4 + SLOT_BYTES * (Integer) field;
      out.putShort(vtable + 4 + 2 * (Integer) field, (short) (slot - at));
      switch (value) {
        case Integer number -> out.putInt(slot, number);
        case Byte number -> out.put(slot, number);
        case Double number -> out.putDouble(slot, number);
        default -> out.putInt(slot, value(value) - slot);
      }
    });
    return at;
  }
}
