package io.salver.routing;

import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What was predicted for one row, as people compare it with the truth: a class, or a number.
 *
 * @param text the class's name, its index if it has none, or the number in decimal
 * @param isClass whether it is a class
 */
public record Label(String text, boolean isClass) {
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
        return new Label(discrete(output, elementOf(output, row)), true);
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
    if (width == 1) {
      return new Label(Double.toString(Floats.get(output, from)), false);
    }
    return new Label(Long.toString(Floats.argMax(output, from, width)), true);
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

  private static long elementOf(Tensor output, long row) {
    return output.shape().rank() == 0 ? 0 : row;
  }

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
