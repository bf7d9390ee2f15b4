package io.salver.engine.tensorflow;

import io.salver.tensor.Shape;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A signature as the file has it, copied from there.
 *
 * @param inputs by the name that clients use, sorted
 * @param outputs likewise
 * @param methodName what the signature is for; may be empty
 * @param defaults serialised {@code TensorProto}s of the inputs that may be left out
 */
record SignatureDef(
    Map<String, TensorInfo> inputs,
    Map<String, TensorInfo> outputs,
    String methodName,
    Map<String, byte[]> defaults) {

  /** How a tensor is laid out in the graph. */
  enum Encoding {
    DENSE,
    SPARSE,
    COMPOSITE
  }

  /**
   * A tensor of the graph.
   *
   * @param tensorName as {@code x:0}; empty unless the encoding is dense
   * @param type TensorFlow's number of the element type
   */
  record TensorInfo(String tensorName, Encoding encoding, int type, Shape shape) {}

  /**
   * Reads a serialised {@code SignatureDef}.
   *
   * @throws io.salver.wire.WireFormatException if it is none
   * @throws IllegalArgumentException if a shape is none
   */
  static SignatureDef read(MemorySegment message) {
    Map<String, MemorySegment> inputs = new TreeMap<>();
    Map<String, MemorySegment> outputs = new TreeMap<>();
    Map<String, MemorySegment> defaults = new TreeMap<>();
    String methodName = "";
    ProtoReader reader = new ProtoReader(message);
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> SavedModelFile.readMapEntry(reader.readBytes(), inputs);
        case 2 -> SavedModelFile.readMapEntry(reader.readBytes(), outputs);
        case 3 -> methodName = reader.readString();
        case 4 -> SavedModelFile.readMapEntry(reader.readBytes(), defaults);
        default -> reader.skip();
      }
    }
    Map<String, byte[]> copies = new TreeMap<>();
    defaults.forEach((name, value) -> copies.put(name, value.toArray(ValueLayout.JAVA_BYTE)));
    return new SignatureDef(infos(inputs), infos(outputs), methodName, copies);
  }

  private static Map<String, TensorInfo> infos(Map<String, MemorySegment> messages) {
    Map<String, TensorInfo> infos = new TreeMap<>();
    messages.forEach((name, message) -> infos.put(name, readInfo(message)));
    return infos;
  }

  private static TensorInfo readInfo(MemorySegment message) {
    ProtoReader reader = new ProtoReader(message);
    String name = "";
    Encoding encoding = Encoding.DENSE;
    int type = 0;
    Shape shape = Shape.UNKNOWN_RANK;
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> name = reader.readString();
        case 2 -> type = reader.readInt32();
        case 3 -> shape = readShape(reader.readBytes());
        case 4 -> {
          encoding = Encoding.SPARSE;
          reader.skip();
        }
        case 5 -> {
          encoding = Encoding.COMPOSITE;
          reader.skip();
        }
        default -> reader.skip();
      }
    }
    return new TensorInfo(encoding == Encoding.DENSE ? name : "", encoding, type, shape);
  }

  /** Reads a serialised {@code TensorShapeProto}. */
  static Shape readShape(MemorySegment message) {
    ProtoReader reader = new ProtoReader(message);
    List<Long> dims = new ArrayList<>();
    boolean unknownRank = false;
    while (reader.next()) {
      switch (reader.field()) {
        case 2 -> dims.add(readDimension(reader.readBytes()));
        case 3 -> unknownRank = reader.readBool();
        default -> reader.skip();
      }
    }
    return unknownRank
        ? Shape.UNKNOWN_RANK
        : Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
  }

  private static long readDimension(MemorySegment message) {
    ProtoReader reader = new ProtoReader(message);
    long size = 0;
    while (reader.next()) {
      if (reader.field() == 1) {
        size = reader.readInt64();
      } else {
        reader.skip();
      }
    }
    return size;
  }
}
