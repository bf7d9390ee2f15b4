package io.salver.engine.oip;

import io.salver.tensor.DType;
import java.util.Map;
import java.util.Optional;

/** The protocol's names of element types. */
final class Datatypes {
  private static final Map<String, DType> TYPES =
      Map.ofEntries(
          Map.entry("BOOL", DType.BOOL),
          Map.entry("UINT8", DType.UINT8),
          Map.entry("UINT16", DType.UINT16),
          Map.entry("UINT32", DType.UINT32),
          Map.entry("UINT64", DType.UINT64),
          Map.entry("INT8", DType.INT8),
          Map.entry("INT16", DType.INT16),
          Map.entry("INT32", DType.INT32),
          Map.entry("INT64", DType.INT64),
          Map.entry("FP16", DType.FLOAT16),
          Map.entry("BF16", DType.BFLOAT16),
          Map.entry("FP32", DType.FLOAT32),
          Map.entry("FP64", DType.FLOAT64),
          Map.entry("BYTES", DType.STRING));

  private Datatypes() {}

  static Optional<DType> of(String name) {
    return Optional.ofNullable(TYPES.get(name));
  }

  /** The name of a type that the protocol has. */
  static String name(DType dtype) {
    return TYPES.entrySet().stream()
        .filter(entry -> entry.getValue() == dtype)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(dtype + " (expected: one of " + TYPES + ")"));
  }
}
