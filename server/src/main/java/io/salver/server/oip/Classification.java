package io.salver.server.oip;

import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Turns scores into the names of the highest: the protocol's classification extension. Stateless.
 *
 * <p>Each row, along the first dimension where there are two or more, becomes {@code
 * <value>:<index>} or {@code <value>:<index>:<label>} of its highest scores, the highest first, of
 * two equal ones the one of the lower index; NaN is the lowest. A value with a fraction has six
 * digits behind the point.
 */
final class Classification {
  private Classification() {}

  /**
   * The classes of {@code scores}.
   *
   * @param count how many of each row at most, at least 1
   * @param labels by index; empty if there are none
   * @return BYTES {@code [rows, min(count, classes)]}, or without rows where scores have none
   * @throws ServingException if they are no numbers
   */
  static Tensor of(
      Tensor scores, String output, long count, List<String> labels, TensorArena arena) {
    Shape shape = scores.shape();
    boolean rowed = shape.rank() >= 2;
    long rows = rowed ? shape.dim(0) : 1;
    long all = scores.elementCount();
    int classes = Math.toIntExact(rows == 0 ? 0 : all / rows);
    int kept = (int) Math.min(count, classes);
    StringTensorBuilder strings = new StringTensorBuilder(arena, rows * kept, 16 * rows * kept);
    for (long row = 0; row < rows; row++) {
      addRow(scores, output, row * classes, classes, kept, labels, strings);
    }
    return strings.build(rowed ? Shape.of(rows, kept) : Shape.of(kept));
  }

  private static void addRow(
      Tensor scores,
      String output,
      long from,
      int classes,
      int kept,
      List<String> labels,
      StringTensorBuilder strings) {
    double[] values = new double[classes];
    for (int i = 0; i < classes; i++) {
      values[i] = value(scores, output, from + i);
    }
    Comparator<Integer> highestFirst =
        Comparator.<Integer>comparingDouble(i -> Double.isNaN(values[i]) ? 1 : 0)
            .thenComparing(Comparator.comparingDouble((Integer i) -> values[i]).reversed())
            .thenComparing(Comparator.naturalOrder());
    IntStream.range(0, classes)
        .boxed()
        .sorted(highestFirst)
        .limit(kept)
        .forEach(i ->
            strings.add(text(scores, from, i, values[i], labels).getBytes(StandardCharsets.UTF_8)));
  }

  private static String text(Tensor scores, long from, int i, double value, List<String> labels) {
    String score =
        switch (scores.dtype()) {
          case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> String.format(Locale.ROOT, "%f", value);
          case INT64 -> Long.toString(scores.getLong(from + i));
          case UINT64 -> Long.toUnsignedString(scores.getLong(from + i));
          default -> Long.toString((long) value);
        };
    return score + ":" + i + (i < labels.size() ? ":" + labels.get(i) : "");
  }

  private static double value(Tensor scores, String output, long i) {
    return switch (scores.dtype()) {
      case BOOL, INT8 -> scores.getByte(i);
      case INT16 -> scores.getShort(i);
      case INT32 -> scores.getInt(i);
      case INT64 -> scores.getLong(i);
      case UINT8 -> scores.getByte(i) & 0xff;
      case UINT16 -> scores.getShort(i) & 0xffff;
      case UINT32 -> scores.getInt(i) & 0xffffffffL;
      case UINT64 -> unsigned(scores.getLong(i));
      case FLOAT16 -> Float.float16ToFloat(scores.getShort(i));
      case BFLOAT16 -> Float.intBitsToFloat(scores.getShort(i) << 16);
      case FLOAT32 -> scores.getFloat(i);
      case FLOAT64 -> scores.getDouble(i);
      case STRING, COMPLEX64, COMPLEX128 -> throw notNumbers(scores.dtype(), output);
    };
  }

  private static double unsigned(long value) {
    double half = value >>> 1;
    return value >= 0 ? value : 2 * half;
  }

  private static ServingException notNumbers(DType dtype, String output) {
    return ServingException.invalid(
        "class result not available for output '"
            + output
            + "' due to unsupported type '"
            + Datatypes.name(dtype)
            + "'");
  }
}
