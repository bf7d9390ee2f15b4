package io.salver.server.triton;

import io.salver.server.oip.proto.DataType;
import io.salver.tensor.DType;

/** Between the types of tensors and their names in model configurations. */
final class TensorTypes {
  private TensorTypes() {}

  /** {@code TYPE_INVALID} for a type that Triton has no name for. */
  static DataType of(DType dtype) {
    return switch (dtype) {
      case BOOL -> DataType.TYPE_BOOL;
      case UINT8 -> DataType.TYPE_UINT8;
      case UINT16 -> DataType.TYPE_UINT16;
      case UINT32 -> DataType.TYPE_UINT32;
      case UINT64 -> DataType.TYPE_UINT64;
      case INT8 -> DataType.TYPE_INT8;
      case INT16 -> DataType.TYPE_INT16;
      case INT32 -> DataType.TYPE_INT32;
      case INT64 -> DataType.TYPE_INT64;
      case FLOAT16 -> DataType.TYPE_FP16;
      case BFLOAT16 -> DataType.TYPE_BF16;
      case FLOAT32 -> DataType.TYPE_FP32;
      case FLOAT64 -> DataType.TYPE_FP64;
      case STRING -> DataType.TYPE_STRING;
      case COMPLEX64, COMPLEX128 -> DataType.TYPE_INVALID;
    };
  }
}
