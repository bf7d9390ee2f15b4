package io.salver.engine.onnx;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.util.List;

/** What a session declares one of its inputs or outputs to be. */
sealed interface OnnxType {
  /**
   * A tensor.
   *
   * @param symbols for each dimension its symbolic name, empty where it has none
   */
  record OfTensor(DType dtype, Shape shape, List<String> symbols) implements OnnxType {}

  /** A sequence of tensors, which have the element shape that is declared, if one is. */
  record OfTensorSequence(DType dtype, Shape elementShape) implements OnnxType {}

  /**
   * A map, as classifiers give from label to score, or a sequence of them, one for each row.
   *
   * @param keys INT64 or STRING
   * @param values of fixed size
   */
  record OfMap(DType keys, DType values, boolean sequence) implements OnnxType {}
}
