package io.salver.it;

import com.google.protobuf.ByteString;
import io.salver.server.tfserving.proto.DataType;
import io.salver.server.tfserving.proto.TensorProto;
import io.salver.server.tfserving.proto.TensorShapeProto;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.ArrayTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** Tensors as TensorFlow Serving's messages carry them, by protobuf's own Java classes. */
final class ProtoTensors {
  /** Larger tensors are sent as raw content, smaller ones in the fields of their type. */
  private static final int RAW_FROM_ELEMENTS = 64;

  private ProtoTensors() {}

  static TensorProto toProto(ArrayTensor tensor) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int i = 0; i < tensor.shape().rank(); i++) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(tensor.shape().dim(i)));
    }
    TensorProto.Builder proto =
        TensorProto.newBuilder().setDtype(typeOf(tensor.dtype())).setTensorShape(shape);
    if (tensor.dtype() != DType.STRING && tensor.shape().elementCount() >= RAW_FROM_ELEMENTS) {
      return proto.setTensorContent(ByteString.copyFrom(bytesOf(tensor.elements()))).build();
    }
    addValues(proto, tensor);
    return proto.build();
  }

  private static void addValues(TensorProto.Builder proto, ArrayTensor tensor) {
    switch (tensor.elements()) {
      case byte[][] strings -> {
        for (byte[] string : strings) {
          proto.addStringVal(ByteString.copyFrom(string));
        }
      }
      case float[] floats when tensor.dtype() == DType.FLOAT32 -> {
        for (float value : floats) {
          proto.addFloatVal(value);
        }
      }
      case float[] floats -> {
        for (float value : floats) {
          proto.addScomplexVal(value);
        }
      }
      case double[] doubles when tensor.dtype() == DType.FLOAT64 -> {
        for (double value : doubles) {
          proto.addDoubleVal(value);
        }
      }
      case double[] doubles -> {
        for (double value : doubles) {
          proto.addDcomplexVal(value);
        }
      }
      case Object integers -> addIntegers(proto, tensor.dtype(), integers);
    }
  }

  private static void addIntegers(TensorProto.Builder proto, DType dtype, Object integers) {
    for (long value : Integers.widened(dtype, integers)) {
      switch (dtype) {
        case BOOL -> proto.addBoolVal(value != 0);
        case UINT32 -> proto.addUint32Val((int) value);
        case UINT64 -> proto.addUint64Val(value);
        case INT64 -> proto.addInt64Val(value);
        case FLOAT16, BFLOAT16 -> proto.addHalfVal((int) value);
        default -> proto.addIntVal((int) value);
      }
    }
  }

  static ArrayTensor fromProto(TensorProto proto) {
    DType dtype = dtypeOf(proto.getDtype());
    Shape shape =
        Shape.of(
            proto.getTensorShape().getDimList().stream()
                .mapToLong(TensorShapeProto.Dim::getSize)
                .toArray());
    Object elements =
        proto.getTensorContent().isEmpty()
            ? valuesOf(dtype, proto)
            : fromBytes(dtype, proto.getTensorContent().toByteArray());
    return new ArrayTensor(dtype, shape, elements);
  }

  private static Object valuesOf(DType dtype, TensorProto proto) {
    return switch (dtype) {
      case STRING ->
          proto.getStringValList().stream().map(ByteString::toByteArray).toArray(byte[][]::new);
      case FLOAT32 -> floats(proto.getFloatValList());
      case COMPLEX64 -> floats(proto.getScomplexValList());
      case FLOAT64 -> proto.getDoubleValList().stream().mapToDouble(d -> d).toArray();
      case COMPLEX128 -> proto.getDcomplexValList().stream().mapToDouble(d -> d).toArray();
      case INT64 -> proto.getInt64ValList().stream().mapToLong(i -> i).toArray();
      case UINT64 -> proto.getUint64ValList().stream().mapToLong(i -> i).toArray();
      case BOOL ->
          Integers.narrowed(
              dtype, proto.getBoolValList().stream().mapToLong(b -> b ? 1 : 0).toArray());
      case UINT32 -> Integers.narrowed(dtype, longs(proto.getUint32ValList()));
      case FLOAT16, BFLOAT16 -> Integers.narrowed(dtype, longs(proto.getHalfValList()));
      case UINT8, UINT16, INT8, INT16, INT32 ->
          Integers.narrowed(dtype, longs(proto.getIntValList()));
    };
  }

  private static long[] longs(List<Integer> values) {
    return values.stream().mapToLong(i -> i).toArray();
  }

  private static float[] floats(List<Float> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }

  /** The elements as little-endian bytes, one after the other. */
  static byte[] bytesOf(Object elements) {
    return segmentOf(elements).toArray(ValueLayout.JAVA_BYTE);
  }

  private static MemorySegment segmentOf(Object elements) {
    return switch (elements) {
      case byte[] a -> MemorySegment.ofArray(a);
      case short[] a -> MemorySegment.ofArray(a);
      case int[] a -> MemorySegment.ofArray(a);
      case long[] a -> MemorySegment.ofArray(a);
      case float[] a -> MemorySegment.ofArray(a);
      case double[] a -> MemorySegment.ofArray(a);
      default -> throw new IllegalArgumentException("elements: " + elements.getClass());
    };
  }

  /** The array of elements that these bytes are. */
  static Object fromBytes(DType dtype, byte[] content) {
    MemorySegment segment = MemorySegment.ofArray(content);
    return switch (dtype) {
      case BOOL, UINT8, INT8 -> content;
      case UINT16, INT16, FLOAT16, BFLOAT16 -> segment.toArray(ValueLayout.JAVA_SHORT_UNALIGNED);
      case UINT32, INT32 -> segment.toArray(ValueLayout.JAVA_INT_UNALIGNED);
      case UINT64, INT64 -> segment.toArray(ValueLayout.JAVA_LONG_UNALIGNED);
      case FLOAT32, COMPLEX64 -> segment.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
      case FLOAT64, COMPLEX128 -> segment.toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
      case STRING ->
          throw new IllegalArgumentException("strings as content: " + Arrays.toString(content));
    };
  }

  private static DataType typeOf(DType dtype) {
    return switch (dtype) {
      case BOOL -> DataType.DT_BOOL;
      case UINT8 -> DataType.DT_UINT8;
      case UINT16 -> DataType.DT_UINT16;
      case UINT32 -> DataType.DT_UINT32;
      case UINT64 -> DataType.DT_UINT64;
      case INT8 -> DataType.DT_INT8;
      case INT16 -> DataType.DT_INT16;
      case INT32 -> DataType.DT_INT32;
      case INT64 -> DataType.DT_INT64;
      case FLOAT16 -> DataType.DT_HALF;
      case BFLOAT16 -> DataType.DT_BFLOAT16;
      case FLOAT32 -> DataType.DT_FLOAT;
      case FLOAT64 -> DataType.DT_DOUBLE;
      case COMPLEX64 -> DataType.DT_COMPLEX64;
      case COMPLEX128 -> DataType.DT_COMPLEX128;
      case STRING -> DataType.DT_STRING;
    };
  }

  private static DType dtypeOf(DataType type) {
    for (DType dtype : DType.values()) {
      if (typeOf(dtype) == type) {
        return dtype;
      }
    }
    throw new AssertionError("dtype: " + type);
  }
}
