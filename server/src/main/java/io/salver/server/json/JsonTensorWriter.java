package io.salver.server.json;

import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Tensor;

/** Writes tensors as nested JSON lists. Stateless. */
public final class JsonTensorWriter {
  private JsonTensorWriter() {}

  /**
   * Appends a tensor's elements, as lists nested by its dimensions from {@code fromDim}.
   *
   * @param fromDim 0 for the whole tensor, 1 for one of its rows
   * @param first the index of the first element
   * @param asBase64 whether strings are written as {@code {"b64": ...}}
   * @throws ServingException for complex numbers, which JSON has no form for
   */
  public static void write(
      Tensor tensor, int fromDim, long first, boolean asBase64, JsonWriter out) {
    int rank = tensor.shape().rank();
    if (fromDim == rank) {
      writeElements(tensor, first, 1, asBase64, out);
      return;
    }
    long size = tensor.shape().dim(fromDim);
    out.raw('[');
    if (fromDim == rank - 1) {
      writeElements(tensor, first, size, asBase64, out);
    } else {
      writeLists(tensor, fromDim, first, asBase64, out);
    }
    out.raw(']');
  }

  private static void writeLists(
      Tensor tensor, int dim, long first, boolean asBase64, JsonWriter out) {
    long size = tensor.shape().dim(dim);
    long stride = stride(tensor, dim);
    for (long i = 0; i < size; i++) {
      if (i > 0) {
        out.raw(',');
      }
      write(tensor, dim + 1, first + i * stride, asBase64, out);
    }
  }

  /** How many elements one step along dimension {@code dim} passes. */
  public static long stride(Tensor tensor, int dim) {
    long stride = 1;
    for (int i = dim + 1; i < tensor.shape().rank(); i++) {
      stride *= tensor.shape().dim(i);
    }
    return stride;
  }

  /** Appends {@code count} elements from {@code first}, with commas between them. */
  public static void writeElements(
      Tensor tensor, long first, long count, boolean asBase64, JsonWriter out) {
    if (tensor.dtype() == DType.FLOAT32) {
      writeFloats(tensor, first, first + count, out);
      return;
    }
    for (long i = first; i < first + count; i++) {
      if (i > first) {
        out.raw(',');
      }
      writeElement(tensor, i, asBase64, out);
    }
  }

  private static void writeFloats(Tensor tensor, long from, long to, JsonWriter out) {
    for (long i = from; i < to; i++) {
      if (i > from) {
        out.raw(',');
      }
      out.value(tensor.getFloat(i));
    }
  }

  private static void writeElement(Tensor tensor, long i, boolean asBase64, JsonWriter out) {
    switch (tensor.dtype()) {
      case BOOL -> out.value(tensor.getByte(i) != 0);
      case INT8 -> out.value((long) tensor.getByte(i));
      case INT16 -> out.value((long) tensor.getShort(i));
      case INT32 -> out.value((long) tensor.getInt(i));
      case INT64 -> out.value(tensor.getLong(i));
      case UINT8 -> out.value(tensor.getByte(i) & 0xFFL);
      case UINT16 -> out.value(tensor.getShort(i) & 0xFFFFL);
      case UINT32 -> out.value(tensor.getInt(i) & 0xFFFFFFFFL);
      case UINT64 -> out.unsigned(tensor.getLong(i));
      case FLOAT16 -> out.value(Float.float16ToFloat(tensor.getShort(i)));
      case BFLOAT16 -> out.value(HalfFloats.fromBfloat16(tensor.getShort(i)));
      case FLOAT32 -> out.value(tensor.getFloat(i));
      case FLOAT64 -> out.value(tensor.getDouble(i));
      case STRING -> writeString(tensor, i, asBase64, out);
      case COMPLEX64, COMPLEX128 ->
          throw ServingException.invalid(
              "Failed to write JSON value for tensor type: " + TypeNames.of(tensor.dtype()));
    }
  }

  private static void writeString(Tensor tensor, long i, boolean asBase64, JsonWriter out) {
    if (asBase64) {
      out.base64(tensor.getString(i));
    } else {
      out.string(tensor.getString(i));
    }
  }
}
