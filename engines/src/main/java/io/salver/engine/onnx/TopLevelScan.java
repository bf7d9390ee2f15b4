package io.salver.engine.onnx;

import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Steps over the fields of a {@code ModelProto}, to tell a file that ends too early, as one that is
 * still being copied does, from one that is no ONNX model. Reads a few bytes of each field.
 */
final class TopLevelScan {
  private static final int MAX_FIELD = 100;
  private static final int GRAPH = 7;

  private final MemorySegment file;
  private long position;

  private TopLevelScan(MemorySegment file) {
    this.file = file;
  }

  /**
   * Why {@code file} is not whole.
   *
   * @throws WireFormatException if it is something else than an ONNX model
   */
  static Optional<String> problem(MemorySegment file) {
    if (file.byteSize() == 0) {
      return Optional.of("0 bytes (expected: an ONNX model)");
    }
    return new TopLevelScan(file).scan();
  }

  private Optional<String> scan() {
    boolean hasGraph = false;
    while (position < file.byteSize()) {
      long start = position;
      long tag = varint();
      checkTag(tag, start);
      hasGraph |= tag >>> 3 == GRAPH;
      skip((int) tag & 7);
      if (position > file.byteSize()) {
        return Optional.of(
            "ends early: "
                + file.byteSize()
                + " bytes (expected: >= "
                + position
                + ", to the end of field "
                + (tag >>> 3)
                + ")");
      }
    }
    return hasGraph ? Optional.empty() : Optional.of("ends early: no graph");
  }

  private static void checkTag(long tag, long start) {
    int wireType = (int) tag & 7;
    boolean isOnnx =
        switch ((int) Math.min(tag >>> 3, MAX_FIELD)) {
          case 0, MAX_FIELD -> false;
          case 1, 5 -> wireType == ProtoReader.VARINT;
          case 2, 3, 4, 6, GRAPH, 8, 14, 20, 25, 26 -> wireType == ProtoReader.LENGTH_DELIMITED;
          default -> wireType != 3 && wireType != 4 && wireType <= ProtoReader.FIXED32;
        };
    if (tag < 0 || !isOnnx) {
      throw new WireFormatException(
          "field "
              + (tag >>> 3)
              + " of wire type "
              + wireType
              + " at offset "
              + start
              + " (expected: a field of ModelProto)");
    }
  }

  private void skip(int wireType) {
    switch (wireType) {
      case ProtoReader.VARINT -> varint();
      case ProtoReader.FIXED64 -> position += Long.BYTES;
      case ProtoReader.FIXED32 -> position += Integer.BYTES;
      default -> {
        long length = varint();
        position = length < 0 || position + length < 0 ? Long.MAX_VALUE : position + length;
      }
    }
  }

  /** A variable-length integer; where the file ends inside of it, the position passes the end. */
  private long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (position >= file.byteSize()) {
        position = file.byteSize() + 1;
        return value;
      }
      byte b = file.get(ValueLayout.JAVA_BYTE, position++);
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new WireFormatException(
        "varint before offset " + position + " (expected: at most 10 bytes)");
  }
}
