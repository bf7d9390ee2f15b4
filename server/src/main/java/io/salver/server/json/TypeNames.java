package io.salver.server.json;

import io.salver.tensor.DType;

/** The names of element types in TensorFlow Serving's messages. */
final class TypeNames {
  private TypeNames() {}

  static String of(DType dtype) {
    return switch (dtype) {
      case BOOL -> "bool";
      case UINT8 -> "uint8";
      case UINT16 -> "uint16";
      case UINT32 -> "uint32";
      case UINT64 -> "uint64";
      case INT8 -> "int8";
      case INT16 -> "int16";
      case INT32 -> "int32";
      case INT64 -> "int64";
      case FLOAT16 -> "half";
      case BFLOAT16 -> "bfloat16";
      case FLOAT32 -> "float";
      case FLOAT64 -> "double";
      case COMPLEX64 -> "complex64";
      case COMPLEX128 -> "complex128";
      case STRING -> "string";
    };
  }
}
