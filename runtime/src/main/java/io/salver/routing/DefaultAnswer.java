package io.salver.routing;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the outputs that an endpoint answers with when no model does. Stateless.
 *
 * <p>A value stands for one row: a number, string or boolean, or lists of them for more dimensions.
 */
final class DefaultAnswer {
  private static final int MAX_DEPTH = 8;

  private DefaultAnswer() {}

  /**
   * Sets the outputs of {@code request} that are wanted.
   *
   * @throws ServingException FAILED_PRECONDITION if there is no value for one of them, or it is
   *     none of the output's type
   */
  static void set(PredictRequest request, Map<String, Object> values) {
    List<TensorSpec> specs = request.signature().outputs();
    @Nullable Tensor[] outputs = new Tensor[specs.size()];
    long rows = request.rows();
    for (int i = 0; i < outputs.length; i++) {
      if (request.wants(i)) {
        TensorSpec spec = specs.get(i);
        Object value = values.get(spec.name());
        if (value == null) {
          throw refused(spec, "no value");
        }
        outputs[i] = tensor(spec, value, rows, request.arena());
      }
    }
    request.setOutputs(outputs);
  }

  private static Tensor tensor(TensorSpec spec, Object value, long rows, TensorArena arena) {
    List<Object> elements = new ArrayList<>();
    List<Long> dims = new ArrayList<>();
    flatten(spec, value, 0, dims, elements);
    boolean scalar = spec.shape().isRankKnown() && spec.shape().rank() == 0;
    long[] shape = new long[dims.size() + (scalar ? 0 : 1)];
    int at = 0;
    if (!scalar) {
      shape[at++] = rows;
    }
    for (long dim : dims) {
      shape[at++] = dim;
    }
    return filled(spec, elements, Shape.of(shape), arena);
  }

  private static void flatten(
      TensorSpec spec, Object value, int depth, List<Long> dims, List<Object> elements) {
    if (!(value instanceof List<?> list)) {
      if (depth != dims.size()) {
        throw refused(spec, "lists of different depths");
      }
      elements.add(value);
      return;
    }
    if (depth == MAX_DEPTH) {
      throw refused(spec, "more than " + MAX_DEPTH + " dimensions");
    }
    if (depth == dims.size() && elements.isEmpty()) {
      dims.add((long) list.size());
    } else if (depth >= dims.size() || dims.get(depth) != list.size()) {
      throw refused(spec, "lists of different lengths");
    }
    for (Object element : list) {
      flatten(spec, element, depth + 1, dims, elements);
    }
  }

  private static Tensor filled(
      TensorSpec spec, List<Object> elements, Shape shape, TensorArena arena) {
    long count = shape.elementCount();
    if (spec.dtype() == DType.STRING) {
      StringTensorBuilder strings = new StringTensorBuilder(arena, count, 16 * count);
      for (long i = 0; i < count; i++) {
        Object element = elements.get((int) (i % elements.size()));
        strings.add(String.valueOf(element).getBytes(StandardCharsets.UTF_8));
      }
      return strings.build(shape);
    }
    Tensor tensor = arena.allocate(spec.dtype(), shape);
    for (long i = 0; i < count; i++) {
      put(spec, tensor.data(), i, elements.get((int) (i % elements.size())));
    }
    return tensor;
  }

  private static void put(TensorSpec spec, MemorySegment data, long i, Object element) {
    Number number =
        switch (element) {
          case Number value -> value;
          case Boolean value -> value ? 1 : 0;
          default -> throw refused(spec, "\"" + element + "\"");
        };
    switch (spec.dtype()) {
      case FLOAT32 -> data.setAtIndex(ValueLayout.JAVA_FLOAT, i, number.floatValue());
      case FLOAT64 -> data.setAtIndex(ValueLayout.JAVA_DOUBLE, i, number.doubleValue());
      case BOOL, INT8, UINT8 -> data.setAtIndex(ValueLayout.JAVA_BYTE, i, number.byteValue());
      case INT16, UINT16 -> data.setAtIndex(ValueLayout.JAVA_SHORT, i, number.shortValue());
      case INT32, UINT32 -> data.setAtIndex(ValueLayout.JAVA_INT, i, number.intValue());
      case INT64, UINT64 -> data.setAtIndex(ValueLayout.JAVA_LONG, i, number.longValue());
      default -> throw refused(spec, "a value, which this type cannot have");
    }
  }

  private static ServingException refused(TensorSpec spec, String got) {
    return new ServingException(
        Category.FAILED_PRECONDITION,
        "default of output "
            + spec.name()
            + ": "
            + got
            + " (expected: "
            + spec.dtype()
            + " for one row of "
            + spec.shape()
            + ")");
  }
}
