package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A table of a flatbuffer, whose fields are known by their numbers. What points out of the file is
 * refused; a list takes at least as many bytes of the file as it has elements.
 */
final class FlatTable {
  private static final int FIRST_FIELD = 4;

  private final ByteBuffer file;
  private final int at;

  private FlatTable(ByteBuffer file, int at) {
    this.file = file;
    this.at = at;
  }

  /** The table that a flatbuffer begins with. */
  static FlatTable root(byte[] bytes, int from) throws ModelLoadException {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return new FlatTable(file, follow(file, from));
  }

  private static int check(ByteBuffer file, long at, long bytes) throws ModelLoadException {
    if (at < 0 || bytes < 0 || at > file.limit() - bytes) {
      throw new ModelLoadException(
          "file: a reference to byte "
              + at
              + ", with "
              + bytes
              + " bytes there (expected: within its "
              + file.limit()
              + " bytes)");
    }
    return (int) at;
  }

  private static int follow(ByteBuffer file, int at) throws ModelLoadException {
    check(file, at, Integer.BYTES);
    return check(file, at + Integer.toUnsignedLong(file.getInt(at)), Integer.BYTES);
  }

  /** Where a field's value is, or -1 if it is not there. */
  private int find(int field, int bytes) throws ModelLoadException {
    check(file, at, Integer.BYTES);
    int fields = check(file, (long) at - file.getInt(at), Integer.BYTES);
    int place = FIRST_FIELD + Short.BYTES * field;
    if (place + Short.BYTES > Short.toUnsignedInt(file.getShort(fields))) {
      return -1;
    }
    check(file, (long) fields + place, Short.BYTES);
    int offset = Short.toUnsignedInt(file.getShort(fields + place));
    return offset == 0 ? -1 : check(file, (long) at + offset, bytes);
  }

  int integer(int field, int otherwise) throws ModelLoadException {
    int found = find(field, Integer.BYTES);
    return found < 0 ? otherwise : file.getInt(found);
  }

  double number(int field, double otherwise) throws ModelLoadException {
    int found = find(field, Double.BYTES);
    return found < 0 ? otherwise : file.getDouble(found);
  }

  byte octet(int field) throws ModelLoadException {
    int found = find(field, Byte.BYTES);
    return found < 0 ? 0 : file.get(found);
  }

  FlatTable table(int field) throws ModelLoadException {
    int found = find(field, Integer.BYTES);
    if (found < 0) {
      throw new ModelLoadException("file: no table " + field + " (expected: one)");
    }
    return new FlatTable(file, follow(file, found));
  }

  /** The elements of a list; 0 if it is not there. */
  int length(int field) throws ModelLoadException {
    int found = find(field, Integer.BYTES);
    return found < 0 ? 0 : file.getInt(follow(file, found));
  }

  /** Where the elements of a list are, which has been checked to be in the file. */
  private ByteBuffer list(int field, int elementBytes) throws ModelLoadException {
    int found = find(field, Integer.BYTES);
    if (found < 0) {
      return ByteBuffer.allocate(0);
    }
    int start = follow(file, found);
    long bytes = Integer.toUnsignedLong(file.getInt(start)) * elementBytes;
    check(file, (long) start + Integer.BYTES, bytes);
    return file.slice(start + Integer.BYTES, (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A string; empty if it is not there. */
  String text(int field) throws ModelLoadException {
    return StandardCharsets.UTF_8.decode(list(field, Byte.BYTES)).toString();
  }

  int[] integers(int field) throws ModelLoadException {
    ByteBuffer list = list(field, Integer.BYTES);
    int[] integers = new int[list.remaining() / Integer.BYTES];
    list.asIntBuffer().get(integers);
    return integers;
  }

  float[] floats(int field) throws ModelLoadException {
    ByteBuffer list = list(field, Float.BYTES);
    float[] floats = new float[list.remaining() / Float.BYTES];
    list.asFloatBuffer().get(floats);
    return floats;
  }

  double[] doubles(int field) throws ModelLoadException {
    ByteBuffer list = list(field, Double.BYTES);
    double[] doubles = new double[list.remaining() / Double.BYTES];
    list.asDoubleBuffer().get(doubles);
    return doubles;
  }

  List<FlatTable> tables(int field) throws ModelLoadException {
    int count = list(field, Integer.BYTES).remaining() / Integer.BYTES;
    List<FlatTable> tables = new ArrayList<>(count);
    int first = count == 0 ? 0 : follow(file, find(field, Integer.BYTES)) + Integer.BYTES;
    for (int i = 0; i < count; i++) {
      tables.add(new FlatTable(file, follow(file, first + i * Integer.BYTES)));
    }
    return tables;
  }
}
