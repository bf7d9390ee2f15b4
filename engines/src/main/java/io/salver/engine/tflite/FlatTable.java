package io.salver.engine.tflite;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of a flatbuffer. Fields are counted from 0 in the order of the schema; one that the file
 * does not have reads as its default: 0, nothing, or an empty vector.
 */
final class FlatTable {
  private static final int VTABLE_HEAD_BYTES = 4;

  private final FlatFile file;
  private final long at;
  private final long vtable;
  private final int vtableBytes;
  private final int tableBytes;

  FlatTable(FlatFile file, long at) {
    this.file = file;
    this.at = at;
    file.charge(1);
    this.vtable = at - file.int32(at);
    this.vtableBytes = file.uint16(vtable);
    this.tableBytes = file.uint16(vtable + Short.BYTES);
    if (vtableBytes < VTABLE_HEAD_BYTES || vtableBytes % Short.BYTES != 0) {
      throw BrokenModelException.of(
          "vtable at %d: %d bytes (expected: even, >= 4)".formatted(vtable, vtableBytes));
    }
    file.check(vtable, vtableBytes);
    file.check(at, tableBytes);
  }

  private int offset(int field) {
    int slot = VTABLE_HEAD_BYTES + field * Short.BYTES;
    return slot + Short.BYTES <= vtableBytes ? file.uint16(vtable + slot) : 0;
  }

  /** Where a field of {@code count} bytes lies, or -1. */
  private long position(int field, int count) {
    int offset = offset(field);
    if (offset == 0) {
      return -1;
    }
    if (offset + count > tableBytes) {
      throw BrokenModelException.of(
          "field %d of the table at %d: at %d (expected: within its %d bytes)"
              .formatted(field, at, offset, tableBytes));
    }
    return at + offset;
  }

  int uint8(int field) {
    long position = position(field, 1);
    return position < 0 ? 0 : file.uint8(position);
  }

  boolean bool(int field) {
    return uint8(field) != 0;
  }

  int int32(int field) {
    long position = position(field, Integer.BYTES);
    return position < 0 ? 0 : file.int32(position);
  }

  long uint32(int field) {
    return Integer.toUnsignedLong(int32(field));
  }

  long int64(int field) {
    long position = position(field, Long.BYTES);
    return position < 0 ? 0 : file.int64(position);
  }

  /** Where that which a field refers to lies, or -1. */
  private long target(int field) {
    long position = position(field, Integer.BYTES);
    return position < 0 ? -1 : position + file.uint32(position);
  }

  @Nullable FlatTable table(int field) {
    long target = target(field);
    return target < 0 ? null : new FlatTable(file, target);
  }

  /** The tables of a vector. */
  List<FlatTable> tables(int field) {
    long target = target(field);
    List<FlatTable> tables = new ArrayList<>();
    if (target >= 0) {
      long count = count(target, Integer.BYTES);
      for (long i = 0; i < count; i++) {
        long entry = target + (i + 1) * Integer.BYTES;
        tables.add(new FlatTable(file, entry + file.uint32(entry)));
      }
    }
    return tables;
  }

  /** The numbers of a vector of 32-bit ones. */
  int[] int32s(int field) {
    long target = target(field);
    if (target < 0) {
      return new int[0];
    }
    int[] values = new int[(int) count(target, Integer.BYTES)];
    file.charge(values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = file.int32(target + (i + 1L) * Integer.BYTES);
    }
    return values;
  }

  /** The numbers of a vector of 64-bit ones. */
  long[] int64s(int field) {
    long target = target(field);
    if (target < 0) {
      return new long[0];
    }
    long[] values = new long[(int) count(target, Long.BYTES)];
    file.charge(values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = file.int64(target + Integer.BYTES + (long) i * Long.BYTES);
    }
    return values;
  }

  private long count(long target, int elementBytes) {
    long count = file.uint32(target);
    file.check(target + Integer.BYTES, count * elementBytes);
    return count;
  }

  /** A view of a vector of bytes. */
  MemorySegment bytes(int field) {
    long target = target(field);
    return target < 0 ? MemorySegment.NULL : file.slice(target + Integer.BYTES, count(target, 1));
  }

  /** A text; empty if there is none. */
  String string(int field) {
    MemorySegment bytes = bytes(field);
    file.charge(bytes.byteSize());
    return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }
}
