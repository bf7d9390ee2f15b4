package io.salver.engine.torch;

import io.salver.tensor.DType;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Between the types of tensors and libtorch's. */
final class TorchType {
  private static final Map<DType, ScalarType> TO_TORCH = new EnumMap<>(DType.class);
  private static final Map<Byte, DType> FROM_TORCH = new HashMap<>();

  static {
    put(DType.BOOL, ScalarType.Bool);
    put(DType.UINT8, ScalarType.Byte);
    put(DType.UINT16, ScalarType.UInt16);
    put(DType.UINT32, ScalarType.UInt32);
    put(DType.UINT64, ScalarType.UInt64);
    put(DType.INT8, ScalarType.Char);
    put(DType.INT16, ScalarType.Short);
    put(DType.INT32, ScalarType.Int);
    put(DType.INT64, ScalarType.Long);
    put(DType.FLOAT16, ScalarType.Half);
    put(DType.BFLOAT16, ScalarType.BFloat16);
    put(DType.FLOAT32, ScalarType.Float);
    put(DType.FLOAT64, ScalarType.Double);
    put(DType.COMPLEX64, ScalarType.ComplexFloat);
    put(DType.COMPLEX128, ScalarType.ComplexDouble);
  }

  private TorchType() {}

  private static void put(DType dtype, ScalarType type) {
    TO_TORCH.put(dtype, type);
    FROM_TORCH.put(type.value, dtype);
  }

  /** Whether libtorch has tensors of this type, which is so for all but STRING. */
  static boolean has(DType dtype) {
    return TO_TORCH.containsKey(dtype);
  }

  /** Options that say the type; the caller's scope frees them. */
  static TensorOptions options(DType dtype) {
    ScalarType type = TO_TORCH.get(dtype);
    if (type == null) {
      throw new IllegalArgumentException("type: " + dtype + " (expected: one of " + TO_TORCH + ")");
    }
    return new TensorOptions(type);
  }

  /** The type of a tensor; empty if Salver has none for it, as for quantised ones. */
  static Optional<DType> of(ScalarType type) {
    return Optional.ofNullable(FROM_TORCH.get(type.value));
  }
}
