package io.salver.engine.tflite;

import io.salver.tensor.Shape;
import java.util.Optional;

/**
 * What a file says of a tensor.
 *
 * @param name may be empty, and may be that of another tensor, too
 * @param shape that for which memory is planned at first; concrete
 * @param declared the same with -1 where the dimension may be any, or the unknown rank
 * @param saysWhatVaries whether the file has a shape with -1 of its own for this tensor
 * @param constant whether its elements lie in the file
 * @param variable whether its elements stay from run to run
 * @param quantisation how its integers stand for real numbers, if they all do in the same way
 */
record GraphTensor(
    String name,
    TfliteType type,
    Shape shape,
    Shape declared,
    boolean saysWhatVaries,
    boolean constant,
    boolean variable,
    Optional<Quantisation> quantisation) {

  /** The bytes of its elements for {@link #shape}; for those of no fixed size, none. */
  long sizeBytes() {
    long count = shape.elementCount();
    return count > Long.MAX_VALUE / 16 ? Long.MAX_VALUE : count * type.sizeBytes();
  }
}
