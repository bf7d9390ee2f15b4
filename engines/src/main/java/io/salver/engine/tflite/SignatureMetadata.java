package io.salver.engine.tflite;

import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * TensorFlow's signatures as TensorFlow Serving's converter puts them into a file's metadata: a
 * flexbuffer, which is a map from the signature's name to a serialised {@code SignatureDef}.
 *
 * <p>A flexbuffer is read from its end: the width of the root in bytes, its type, the root itself.
 * What an offset refers to lies before it.
 *
 * @param methodName what the signature is for
 * @param inputs the names of tensors by the names that clients use
 * @param outputs likewise
 */
record SignatureMetadata(
    String methodName, Map<String, String> inputs, Map<String, String> outputs) {
  /** The name of the entry among the file's metadata. */
  static final String NAME = "signature_defs_metadata";

  private static final int TYPE_STRING = 5;
  private static final int TYPE_MAP = 9;
  private static final int TYPE_BLOB = 25;
  private static final int MAX_SIGNATURES = 1000;

  /**
   * The signatures of an entry.
   *
   * @throws BrokenModelException if it is none
   */
  static Map<String, SignatureMetadata> read(MemorySegment entry) {
    try {
      return new Reader(new FlatFile(entry)).read();
    } catch (WireFormatException | IllegalArgumentException e) {
      throw BrokenModelException.of("metadata \"" + NAME + "\": " + e.getMessage());
    } catch (BrokenModelException e) {
      throw BrokenModelException.of("metadata \"" + NAME + "\": " + e.getMessage());
    }
  }

  private static SignatureMetadata ofProto(MemorySegment message) {
    Map<String, String> inputs = new LinkedHashMap<>();
    Map<String, String> outputs = new LinkedHashMap<>();
    String method = "";
    ProtoReader reader = new ProtoReader(message);
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> readEntry(reader.readBytes(), inputs);
        case 2 -> readEntry(reader.readBytes(), outputs);
        case 3 -> method = reader.readString();
        default -> reader.skip();
      }
    }
    return new SignatureMetadata(method, inputs, outputs);
  }

  private static void readEntry(MemorySegment message, Map<String, String> names) {
    ProtoReader reader = new ProtoReader(message);
    String name = "";
    String tensor = "";
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> name = reader.readString();
        case 2 -> tensor = tensorName(reader.readBytes());
        default -> reader.skip();
      }
    }
    names.put(name, tensor);
  }

  private static String tensorName(MemorySegment tensorInfo) {
    ProtoReader reader = new ProtoReader(tensorInfo);
    String name = "";
    while (reader.next()) {
      if (reader.field() == 1) {
        name = reader.readString();
      } else {
        reader.skip();
      }
    }
    return name;
  }

  /** A reader of the flexbuffer. */
  private record Reader(FlatFile file) {
    Map<String, SignatureMetadata> read() {
      long end = file.sizeBytes();
      int width = width(file.uint8(end - 1));
      int packed = file.uint8(end - 2);
      long root = end - 2 - width;
      if (packed >> 2 != TYPE_MAP) {
        throw BrokenModelException.of("type %d (expected: a map)".formatted(packed >> 2));
      }
      long map = root - number(root, width);
      return readMap(map, 1 << (packed & 3));
    }

    private Map<String, SignatureMetadata> readMap(long map, int width) {
      long count = number(map - width, width);
      if (count > MAX_SIGNATURES) {
        throw BrokenModelException.of(
            "signatures: %d (expected: <= %d)".formatted(count, MAX_SIGNATURES));
      }
      long keysAt = map - 3L * width;
      long keys = keysAt - number(keysAt, width);
      int keyWidth = width((int) number(map - 2L * width, width));
      Map<String, SignatureMetadata> signatures = new LinkedHashMap<>();
      for (long i = 0; i < count; i++) {
        long keyAt = keys + i * keyWidth;
        long valueAt = map + i * width;
        int packed = file.uint8(map + count * width + i);
        signatures.put(
            text(keyAt - number(keyAt, keyWidth)),
            ofProto(bytes(valueAt - number(valueAt, width), packed)));
      }
      return signatures;
    }

    private static int width(int bytes) {
      if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) {
        throw BrokenModelException.of("width: %d bytes (expected: 1, 2, 4 or 8)".formatted(bytes));
      }
      return bytes;
    }

    private long number(long at, int width) {
      return switch (width) {
        case 1 -> file.uint8(at);
        case 2 -> file.uint16(at);
        case 4 -> file.uint32(at);
        default -> file.int64(at);
      };
    }

    private String text(long at) {
      long end = at;
      while (file.uint8(end) != 0) {
        end++;
      }
      return new String(
          file.slice(at, end - at).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    private MemorySegment bytes(long at, int packed) {
      int type = packed >> 2;
      if (type != TYPE_STRING && type != TYPE_BLOB) {
        throw BrokenModelException.of("type %d (expected: bytes)".formatted(type));
      }
      int width = 1 << (packed & 3);
      return file.slice(at, number(at - width, width));
    }
  }
}
