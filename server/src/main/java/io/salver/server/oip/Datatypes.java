package io.salver.server.oip;

import io.salver.tensor.DType;

/** The protocol's names of element types. */
final class Datatypes {
  private Datatypes() {}

  /** The name of a type; for complex numbers, which the protocol does not know, Salver's own. */
  static String name(DType dtype) {
    return switch (dtype) {
      case BOOL -> "BOOL";
      case UINT8 -> "UINT8";
      case UINT16 -> "UINT16";
      case UINT32 -> "UINT32";
      case UINT64 -> "UINT64";
      case INT8 -> "INT8";
      case INT16 -> "INT16";
      case INT32 -> "INT32";
      case INT64 -> "INT64";
      case FLOAT16 -> "FP16";
      case BFLOAT16 -> "BF16";
      case FLOAT32 -> "FP32";
      case FLOAT64 -> "FP64";
      case STRING -> "BYTES";
      case COMPLEX64 -> "COMPLEX64";
      case COMPLEX128 -> "COMPLEX128";
    };
  }
}
