package io.salver.routing;

import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Reads labels out of outputs. Stateless. */
final class Labels {
  private Labels() {}

  /** What a request that asked for one row was answered; null if that is not a label. */
  static @Nullable Label of(PredictRequest request) {
    return request.rows() == 1
        ? of(request.signature(), i -> request.wants(i) ? request.output(i) : null, 0)
        : null;
  }

  /**
   * What the outputs say of a row: the first output of whole numbers or strings with one element a
   * row is the class; else the largest of the first output's floating-point elements, by its index;
   * else its only element, a number.
   *
   * @param outputs by their index in the signature; null where one is missing
   * @return null if they say nothing that can be compared
   */
  static @Nullable Label of(Signature signature, IntFunction<@Nullable Tensor> outputs, long row) {
    List<TensorSpec> specs = signature.outputs();
    for (int i = 0; i < specs.size(); i++) {
      Tensor output = isDiscrete(specs.get(i).dtype()) ? outputs.apply(i) : null;
      if (output != null && rowElements(output) == 1) {
        return classOf(output, output.shape().rank() == 0 ? 0 : row);
      }
    }
    for (int i = 0; i < specs.size(); i++) {
      Tensor output = Floats.isFloat(specs.get(i).dtype()) ? outputs.apply(i) : null;
      if (output != null && output.elementCount() > 0) {
        return continuous(output, row);
      }
    }
    return null;
  }

  private static Label continuous(Tensor output, long row) {
    long width = rowElements(output);
    long from = output.shape().rank() == 0 ? 0 : row * width;
    return width == 1
        ? new Label.Number(Floats.get(output, from))
        : new Label.Index(Floats.argMax(output, from, width));
  }

  private static Label classOf(Tensor output, long i) {
    return switch (output.dtype()) {
      case INT8 -> new Label.Index(output.getByte(i));
      case INT16 -> new Label.Index(output.getShort(i));
      case INT32 -> new Label.Index(output.getInt(i));
      case INT64 -> new Label.Index(output.getLong(i));
      default -> new Label.Name(discrete(output, i));
    };
  }

  static boolean isDiscrete(DType dtype) {
    return switch (dtype) {
      case STRING, BOOL, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> true;
      default -> false;
    };
  }

  /** The elements of each row; 0 if there are no rows. */
  static long rowElements(Tensor output) {
    if (output.shape().rank() == 0) {
      return 1;
    }
    long rows = output.shape().dim(0);
    return rows == 0 ? 0 : output.elementCount() / rows;
  }

  /** An element of {@link #isDiscrete} tensors as text. */
  static String discrete(Tensor tensor, long i) {
    return switch (tensor.dtype()) {
      case STRING -> tensor.getUtf8(i);
      case BOOL -> tensor.getByte(i) == 0 ? "false" : "true";
      case INT8 -> Byte.toString(tensor.getByte(i));
      case UINT8 -> Integer.toString(tensor.getByte(i) & 0xff);
      case INT16 -> Short.toString(tensor.getShort(i));
      case UINT16 -> Integer.toString(tensor.getShort(i) & 0xffff);
      case INT32 -> Integer.toString(tensor.getInt(i));
      case UINT32 -> Integer.toUnsignedString(tensor.getInt(i));
      case INT64 -> Long.toString(tensor.getLong(i));
      case UINT64 -> Long.toUnsignedString(tensor.getLong(i));
      default -> throw ServingException.invalid(tensor + " (expected: strings or whole numbers)");
    };
  }
}
