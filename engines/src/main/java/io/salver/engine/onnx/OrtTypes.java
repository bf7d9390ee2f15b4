package io.salver.engine.onnx;

import io.salver.tensor.DType;
import org.jspecify.annotations.Nullable;

/** ONNX Runtime's numbers for kinds of values and types of elements. */
final class OrtTypes {
  static final int TENSOR = 1;
  static final int SEQUENCE = 2;
  static final int MAP = 3;

  private static final String[] KINDS = {
    "unknown", "tensor", "sequence", "map", "opaque", "sparse tensor", "optional"
  };

  private static final String[] ELEMENTS = {
    "undefined",
    "float",
    "uint8",
    "int8",
    "uint16",
    "int16",
    "int32",
    "int64",
    "string",
    "bool",
    "float16",
    "double",
    "uint32",
    "uint64",
    "complex64",
    "complex128",
    "bfloat16",
    "float8e4m3fn",
    "float8e4m3fnuz",
    "float8e5m2",
    "float8e5m2fnuz",
    "uint4",
    "int4",
    "float4e2m1"
  };

  private OrtTypes() {}

  /** The runtime's number for elements of {@code type}. */
  static int elementType(DType type) {
    return switch (type) {
      case FLOAT32 -> 1;
      case UINT8 -> 2;
      case INT8 -> 3;
      case UINT16 -> 4;
      case INT16 -> 5;
      case INT32 -> 6;
      case INT64 -> 7;
      case STRING -> 8;
      case BOOL -> 9;
      case FLOAT16 -> 10;
      case FLOAT64 -> 11;
      case UINT32 -> 12;
      case UINT64 -> 13;
      case COMPLEX64 -> 14;
      case COMPLEX128 -> 15;
      case BFLOAT16 -> 16;
    };
  }

  /** The element type of that number, or null if Salver has no such type. */
  static @Nullable DType dtype(int elementType) {
    for (DType type : DType.values()) {
      if (elementType(type) == elementType) {
        return type;
      }
    }
    return null;
  }

  static String kindName(int kind) {
    return name(KINDS, kind);
  }

  static String elementName(int elementType) {
    return name(ELEMENTS, elementType);
  }

  private static String name(String[] names, int i) {
    return i >= 0 && i < names.length ? names[i] : "type " + i;
  }
}
