package io.salver.engine.tensorflow;

import io.salver.tensor.DType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** TensorFlow's element types, by the numbers of its {@code DataType} enum. */
final class TensorFlowTypes {
  /** The number of {@code DT_STRING}. */
  static final int STRING = 7;

  /** A type that many higher is a reference to a variable of the type. */
  private static final int REFERENCE = 100;

  private static final Map<Integer, DType> DTYPES = new HashMap<>();
  private static final Map<Integer, String> NOT_CARRIED =
      Map.of(
          0,
          "none",
          11,
          "QINT8",
          12,
          "QUINT8",
          13,
          "QINT32",
          15,
          "QINT16",
          16,
          "QUINT16",
          20,
          "RESOURCE",
          21,
          "VARIANT");

  static {
    for (DType dtype : DType.values()) {
      DTYPES.put(number(dtype), dtype);
    }
  }

  private TensorFlowTypes() {}

  /** TensorFlow's number of a type. */
  static int number(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> 1;
      case FLOAT64 -> 2;
      case INT32 -> 3;
      case UINT8 -> 4;
      case INT16 -> 5;
      case INT8 -> 6;
      case STRING -> STRING;
      case COMPLEX64 -> 8;
      case INT64 -> 9;
      case BOOL -> 10;
      case BFLOAT16 -> 14;
      case UINT16 -> 17;
      case COMPLEX128 -> 18;
      case FLOAT16 -> 19;
      case UINT32 -> 22;
      case UINT64 -> 23;
    };
  }

  /** Salver's type for a number, references included; empty for types that Salver cannot carry. */
  static Optional<DType> dtype(int number) {
    return Optional.ofNullable(DTYPES.get(base(number)));
  }

  /** The name of a type that {@link #dtype} does not know, for messages. */
  static String describe(int number) {
    return NOT_CARRIED.getOrDefault(base(number), "number " + number);
  }

  private static int base(int number) {
    return number > REFERENCE ? number - REFERENCE : number;
  }
}
