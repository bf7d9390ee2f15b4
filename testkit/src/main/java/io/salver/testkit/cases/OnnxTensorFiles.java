package io.salver.testkit.cases;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.wire.ProtoReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Reads golden tensors from files: ONNX's {@code TensorProto}, and NumPy's {@code npz}. */
final class OnnxTensorFiles {
  private static final Pattern NPY_HEADER =
      Pattern.compile("'descr': '([<|][a-z]\\d)'.*'shape': \\(([\\d, ]*)\\)");

  private OnnxTensorFiles() {}

  /** A file that holds one {@code TensorProto}, under a name. */
  static TensorData read(String name, Path file) {
    try {
      return parse(name, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TensorData parse(String name, byte[] proto) {
    List<Long> dims = new ArrayList<>();
    List<Double> numbers = new ArrayList<>();
    List<byte[]> texts = new ArrayList<>();
    byte[] raw = {};
    int type = 0;
    ProtoReader reader = new ProtoReader(MemorySegment.ofArray(proto));
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> integers(reader).forEach(dims::add);
        case 2 -> type = reader.readInt32();
        case 4 -> floats(reader, numbers);
        case 5, 7, 11 -> integers(reader).forEach(value -> numbers.add((double) value));
        case 6 -> texts.add(reader.readBytes().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
        case 9 -> raw = reader.readBytes().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        default -> reader.skip();
      }
    }
    Shape shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
    DType dtype = dtype(type);
    if (dtype == DType.STRING) {
      return new TensorData(name, dtype, shape, texts.toArray(byte[][]::new));
    }
    return raw.length > 0
        ? new TensorData(name, dtype, shape, raw)
        : TensorData.numbers(
            name, dtype, shape, numbers.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static List<Long> integers(ProtoReader reader) {
    if (reader.wireType() == ProtoReader.VARINT) {
      return List.of(reader.readVarint());
    }
    List<Long> values = new ArrayList<>();
    long outer = reader.enter();
    while (reader.hasRemaining()) {
      values.add(reader.readVarint());
    }
    reader.leave(outer);
    return values;
  }

  private static void floats(ProtoReader reader, List<Double> values) {
    long outer = reader.enter();
    while (reader.hasRemaining()) {
      values.add((double) Float.intBitsToFloat(reader.readFixed32()));
    }
    reader.leave(outer);
  }

  private static DType dtype(int onnx) {
    return switch (onnx) {
      case 1 -> DType.FLOAT32;
      case 2 -> DType.UINT8;
      case 3 -> DType.INT8;
      case 6 -> DType.INT32;
      case 7 -> DType.INT64;
      case 8 -> DType.STRING;
      case 9 -> DType.BOOL;
      case 11 -> DType.FLOAT64;
      default -> throw new IllegalArgumentException("TensorProto of type " + onnx);
    };
  }

  /** All arrays of an {@code npz} file, under their own names. */
  static List<TensorData> readNpz(Path file) {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      List<TensorData> arrays = new ArrayList<>();
      for (ZipEntry entry : zip.stream().map(ZipEntry.class::cast).toList()) {
        String name = entry.getName().replace(".npy", "");
        arrays.add(parseNpy(name, zip.getInputStream(entry).readAllBytes()));
      }
      return arrays;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TensorData parseNpy(String name, byte[] npy) {
    int headerBytes = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN).getShort(8);
    String header = new String(npy, 10, headerBytes, StandardCharsets.ISO_8859_1);
    Matcher matcher = NPY_HEADER.matcher(header);
    if (!matcher.find()) {
      throw new IllegalArgumentException("npy header: " + header);
    }
    DType dtype =
        switch (matcher.group(1)) {
          case "<f4" -> DType.FLOAT32;
          case "<f8" -> DType.FLOAT64;
          case "<i8" -> DType.INT64;
          default -> throw new IllegalArgumentException("npy type: " + matcher.group(1));
        };
    long[] dims =
        Pattern.compile("\\d+")
            .matcher(matcher.group(2))
            .results()
            .mapToLong(r -> Long.parseLong(r.group()))
            .toArray();
    byte[] data = Arrays.copyOfRange(npy, 10 + headerBytes, npy.length);
    return new TensorData(name, dtype, Shape.of(dims), data);
  }
}
