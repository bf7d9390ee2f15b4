package io.salver.server.tfserving;

import com.google.protobuf.ByteString;
import io.salver.server.tfserving.proto.DataType;
import io.salver.server.tfserving.proto.TensorProto;
import io.salver.server.tfserving.proto.TensorShapeProto;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Tensors as the generated classes see them: the oracle of the codec's tests. */
final class TensorProtos {
  private TensorProtos() {}

  /** Random elements: their little-endian bytes, one array for each. */
  static List<byte[]> randomElements(Random random, DType dtype, int count) {
    List<byte[]> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] element =
          new byte
              [dtype == DType.STRING ? random.nextInt(1 + random.nextInt(40)) : dtype.sizeBytes()];
      random.nextBytes(element);
      if (dtype == DType.BOOL) {
        element[0] &= 1;
      }
      if (random.nextInt(4) == 0 && dtype != DType.STRING && element.length > 1) {
        // Small numbers, whose varints are short.
        java.util.Arrays.fill(element, 1, element.length, (byte) 0);
      }
      elements.add(element);
    }
    return elements;
  }

  static TensorProto.Builder header(DType dtype, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(dim));
    }
    return TensorProto.newBuilder()
        .setDtype(DataType.forNumber(TensorTypes.number(dtype)))
        .setTensorShape(shape);
  }

  /** Adds elements in the field of their type. */
  static void addValues(TensorProto.Builder proto, DType dtype, List<byte[]> elements) {
    for (byte[] element : elements) {
      ByteBuffer bytes = ByteBuffer.wrap(element).order(ByteOrder.LITTLE_ENDIAN);
      switch (dtype) {
        case FLOAT32 -> proto.addFloatVal(bytes.getFloat());
        case FLOAT64 -> proto.addDoubleVal(bytes.getDouble());
        case INT32 -> proto.addIntVal(bytes.getInt());
        case INT16 -> proto.addIntVal(bytes.getShort());
        case INT8 -> proto.addIntVal(bytes.get());
        case UINT8 -> proto.addIntVal(bytes.get() & 0xff);
        case UINT16 -> proto.addIntVal(bytes.getShort() & 0xffff);
        case STRING -> proto.addStringVal(ByteString.copyFrom(element));
        case COMPLEX64 -> proto.addScomplexVal(bytes.getFloat()).addScomplexVal(bytes.getFloat());
        case INT64 -> proto.addInt64Val(bytes.getLong());
        case BOOL -> proto.addBoolVal(bytes.get() != 0);
        case COMPLEX128 ->
            proto.addDcomplexVal(bytes.getDouble()).addDcomplexVal(bytes.getDouble());
        case FLOAT16, BFLOAT16 -> proto.addHalfVal(bytes.getShort() & 0xffff);
        case UINT32 -> proto.addUint32Val(bytes.getInt());
        case UINT64 -> proto.addUint64Val(bytes.getLong());
      }
    }
  }

  /** All elements as {@code tensor_content}. */
  static ByteString content(DType dtype, List<byte[]> elements) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (dtype == DType.STRING) {
      // Every length in these tests is below 128, so that its varint is itself.
      elements.forEach(element -> bytes.write(element.length));
    }
    elements.forEach(bytes::writeBytes);
    return ByteString.copyFrom(bytes.toByteArray());
  }

  /** The elements of a tensor, one array for each. */
  static List<byte[]> elementsOf(Tensor tensor) {
    List<byte[]> elements = new ArrayList<>();
    int size = tensor.dtype().sizeBytes();
    for (long i = 0; i < tensor.elementCount(); i++) {
      elements.add(
          tensor.dtype() == DType.STRING
              ? tensor.getString(i).toArray(ValueLayout.JAVA_BYTE)
              : tensor.data().asSlice(i * size, size).toArray(ValueLayout.JAVA_BYTE));
    }
    return elements;
  }

  static long[] randomDims(Random random) {
    long[] dims = new long[random.nextInt(4)];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(5);
    }
    return dims;
  }

  static int count(long... dims) {
    return (int) Shape.of(dims).elementCount();
  }
}
