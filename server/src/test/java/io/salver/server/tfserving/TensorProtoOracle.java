package io.salver.server.tfserving;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors;
import io.salver.server.tfserving.proto.TensorProto;
import io.salver.server.tfserving.proto.TensorShapeProto;
import io.salver.tensor.DType;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a {@code TensorProto} means, worked out from the generated class without any haste. */
final class TensorProtoOracle {
  private static final int MAX_RANK = 254;
  private static final BigInteger MAX_SIZE = BigInteger.valueOf(Long.MAX_VALUE);

  private TensorProtoOracle() {}

  /** The elements' little-endian bytes, one array for each; null if it is no tensor of the type. */
  static byte @Nullable [][] elements(TensorProto proto, DType dtype) {
    int count = count(proto, dtype);
    if (count < 0 || proto.getDtypeValue() != TensorTypes.number(dtype)) {
      return null;
    }
    List<byte[]> elements =
        !proto.getTensorContent().isEmpty()
            ? ofContent(proto.getTensorContent(), dtype, count)
            : ofValues(proto, dtype, count);
    return elements == null ? null : elements.toArray(byte[][]::new);
  }

  /** -1 if the shape is none, or of more elements than a message can hold. */
  private static int count(TensorProto proto, DType dtype) {
    TensorShapeProto shape = proto.getTensorShape();
    BigInteger count = BigInteger.ONE;
    boolean negative = false;
    for (TensorShapeProto.Dim dim : shape.getDimList()) {
      negative |= dim.getSize() < 0;
      count = count.multiply(BigInteger.valueOf(dim.getSize()));
    }
    BigInteger size = count.multiply(BigInteger.valueOf(Math.max(1, dtype.sizeBytes())));
    boolean isShape =
        !shape.getUnknownRank()
            && !negative
            && shape.getDimCount() <= MAX_RANK
            && size.compareTo(MAX_SIZE) <= 0
            && count.bitLength() < Integer.SIZE;
    return isShape ? count.intValueExact() : -1;
  }

  private static @Nullable List<byte[]> ofContent(ByteString content, DType dtype, int count) {
    if (dtype == DType.STRING) {
      return stringsOfContent(content, count);
    }
    List<byte[]> elements = new ArrayList<>();
    int size = dtype.sizeBytes();
    if (content.size() != (long) count * size) {
      return null;
    }
    for (int i = 0; i < count; i++) {
      byte[] element = content.substring(i * size, (i + 1) * size).toByteArray();
      if (dtype == DType.BOOL && (element[0] & ~1) != 0) {
        return null;
      }
      elements.add(element);
    }
    return elements;
  }

  private static @Nullable List<byte[]> stringsOfContent(ByteString content, int count) {
    try {
      CodedInputStream in = content.newCodedInput();
      List<Long> lengths = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        lengths.add(in.readRawVarint64());
      }
      List<byte[]> elements = new ArrayList<>();
      for (long length : lengths) {
        elements.add(in.readRawBytes(Math.toIntExact(length)));
      }
      return in.isAtEnd() ? elements : null;
    } catch (IOException | ArithmeticException e) {
      return null;
    }
  }

  private static @Nullable List<byte[]> ofValues(TensorProto proto, DType dtype, int count) {
    List<byte[]> elements = values(proto, dtype);
    int field = TensorTypes.valueField(dtype);
    boolean others =
        proto.getAllFields().keySet().stream()
            .map(Descriptors.FieldDescriptor::getNumber)
            .anyMatch(number -> number >= 5 && number <= 17 && number != field);
    if (elements == null || others || elements.size() > count) {
      return null;
    }
    byte[] last = elements.isEmpty() ? new byte[dtype.sizeBytes()] : elements.getLast();
    while (elements.size() < count) {
      elements.add(last);
    }
    return elements;
  }

  private static @Nullable List<byte[]> values(TensorProto proto, DType dtype) {
    List<byte[]> elements = new ArrayList<>();
    switch (dtype) {
      case FLOAT32 ->
          proto.getFloatValList().forEach(v -> elements.add(bytes(4).putFloat(v).array()));
      case FLOAT64 ->
          proto.getDoubleValList().forEach(v -> elements.add(bytes(8).putDouble(v).array()));
      case INT32 -> proto.getIntValList().forEach(v -> elements.add(bytes(4).putInt(v).array()));
      case INT16, UINT16 ->
          proto
              .getIntValList()
              .forEach(v -> elements.add(bytes(2).putShort(v.shortValue()).array()));
      case INT8, UINT8 ->
          proto.getIntValList().forEach(v -> elements.add(new byte[] {v.byteValue()}));
      case STRING -> proto.getStringValList().forEach(v -> elements.add(v.toByteArray()));
      case INT64 -> proto.getInt64ValList().forEach(v -> elements.add(bytes(8).putLong(v).array()));
      case BOOL ->
          proto.getBoolValList().forEach(v -> elements.add(new byte[] {(byte) (v ? 1 : 0)}));
      case FLOAT16, BFLOAT16 ->
          proto
              .getHalfValList()
              .forEach(v -> elements.add(bytes(2).putShort(v.shortValue()).array()));
      case UINT32 ->
          proto.getUint32ValList().forEach(v -> elements.add(bytes(4).putInt(v).array()));
      case UINT64 ->
          proto.getUint64ValList().forEach(v -> elements.add(bytes(8).putLong(v).array()));
      case COMPLEX64 -> {
        List<Float> parts = proto.getScomplexValList();
        for (int i = 0; i + 1 < parts.size(); i += 2) {
          elements.add(bytes(8).putFloat(parts.get(i)).putFloat(parts.get(i + 1)).array());
        }
        return parts.size() % 2 == 0 ? elements : null;
      }
      case COMPLEX128 -> {
        List<Double> parts = proto.getDcomplexValList();
        for (int i = 0; i + 1 < parts.size(); i += 2) {
          elements.add(bytes(16).putDouble(parts.get(i)).putDouble(parts.get(i + 1)).array());
        }
        return parts.size() % 2 == 0 ? elements : null;
      }
    }
    return elements;
  }

  private static ByteBuffer bytes(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
