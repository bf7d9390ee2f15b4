package io.salver.server.tfserving;

import io.salver.server.tfserving.proto.DataType;
import io.salver.tensor.DType;

/** How element types are numbered and carried in a {@code TensorProto}. */
final class TensorTypes {

  private TensorTypes() {}

  /** The number of {@code dtype} in {@code DataType}. */
  static int number(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> DataType.DT_FLOAT_VALUE;
      case FLOAT64 -> DataType.DT_DOUBLE_VALUE;
      case INT32 -> DataType.DT_INT32_VALUE;
      case UINT8 -> DataType.DT_UINT8_VALUE;
      case INT16 -> DataType.DT_INT16_VALUE;
      case INT8 -> DataType.DT_INT8_VALUE;
      case STRING -> DataType.DT_STRING_VALUE;
      case COMPLEX64 -> DataType.DT_COMPLEX64_VALUE;
      case INT64 -> DataType.DT_INT64_VALUE;
      case BOOL -> DataType.DT_BOOL_VALUE;
      case BFLOAT16 -> DataType.DT_BFLOAT16_VALUE;
      case UINT16 -> DataType.DT_UINT16_VALUE;
      case COMPLEX128 -> DataType.DT_COMPLEX128_VALUE;
      case FLOAT16 -> DataType.DT_HALF_VALUE;
      case UINT32 -> DataType.DT_UINT32_VALUE;
      case UINT64 -> DataType.DT_UINT64_VALUE;
    };
  }

  /** The name of a number in {@code DataType}, for messages. */
  static String name(int number) {
    DataType type = DataType.forNumber(number);
    return type == null ? "DataType " + number : type.name();
  }

  /** The name of {@code dtype} in {@code DataType}. */
  static String name(DType dtype) {
    return name(number(dtype));
  }

  /** The field of {@code TensorProto} that carries values of {@code dtype}. */
  static int valueField(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> 5;
      case FLOAT64 -> 6;
      case INT32, INT16, INT8, UINT8, UINT16 -> 7;
      case STRING -> 8;
      case COMPLEX64 -> 9;
      case INT64 -> 10;
      case BOOL -> 11;
      case COMPLEX128 -> 12;
      case FLOAT16, BFLOAT16 -> 13;
      case UINT32 -> 16;
      case UINT64 -> 17;
    };
  }

  /** Bytes of one fixed-size value in {@link #valueField}; 0 where values are varints or bytes. */
  static int fixedValueBytes(DType dtype) {
    return switch (dtype) {
      case FLOAT32, COMPLEX64 -> Float.BYTES;
      case FLOAT64, COMPLEX128 -> Double.BYTES;
      case INT32,
          INT16,
          INT8,
          UINT8,
          UINT16,
          STRING,
          INT64,
          BOOL,
          FLOAT16,
          BFLOAT16,
          UINT32,
          UINT64 ->
          0;
    };
  }
}
