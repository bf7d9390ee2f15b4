package io.salver.engine.tflite;

import io.salver.predict.ServingException;
import io.salver.tensor.Shape;
import java.util.Arrays;

/**
 * An input of a subgraph, and the shapes that it takes.
 *
 * <p>A file may say which dimensions vary. Where it does not, every shape in it is fixed, and yet
 * TensorFlow Serving resizes such inputs to whatever a request has; so a request may have another
 * number of rows, and rows of one element may come as a plain vector.
 */
record InputPort(String name, GraphTensor tensor) {

  /**
   * The shape that the library's tensor is to have for a request's.
   *
   * @throws ServingException if the input does not take it
   */
  Shape effective(Shape request) {
    Shape declared = tensor.declared();
    if (request.equals(declared) || isSameButOnes(declared, request)) {
      return declared;
    }
    if (!isTaken(declared, request)) {
      throw ServingException.invalid(
          "input \"%s\": shape %s (expected: %s)".formatted(name, request, declared));
    }
    for (int i = 0; i < request.rank(); i++) {
      if (request.dim(i) < 1 || request.dim(i) > Integer.MAX_VALUE) {
        throw ServingException.invalid(
            "input \"%s\": shape %s (expected: 1 to 2^31 - 1 in each dimension)"
                .formatted(name, request));
      }
    }
    return request;
  }

  private boolean isTaken(Shape declared, Shape request) {
    if (!declared.isConcrete() || tensor.saysWhatVaries() || declared.rank() == 0) {
      return declared.accepts(request);
    }
    long[] rows = declared.dims();
    rows[0] = -1;
    boolean scalars = declared.dim(0) > 0 && declared.elementCount() == declared.dim(0);
    return Shape.of(rows).accepts(request) || (scalars && request.rank() == 1);
  }

  private static boolean isSameButOnes(Shape declared, Shape request) {
    return declared.isConcrete()
        && declared.elementCount() == request.elementCount()
        && Arrays.equals(withoutOnes(declared), withoutOnes(request));
  }

  private static long[] withoutOnes(Shape shape) {
    return Arrays.stream(shape.dims()).filter(dim -> dim != 1).toArray();
  }

  /** How many times as many elements as in the file {@code shape} has. */
  double growth(Shape shape) {
    return (double) shape.elementCount() / Math.max(1, tensor.shape().elementCount());
  }
}
