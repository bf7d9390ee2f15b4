package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.predict.ServingException;
import io.salver.tensor.Tensor;

/** The inputs of a step. */
final class Inputs {
  private Inputs() {}

  /**
   * An input that may not be left out.
   *
   * @throws ServingException with INVALID_ARGUMENT if it was
   */
  static Tensor required(Batch batch, int i) {
    Tensor tensor = batch.input(i);
    if (tensor == null) {
      throw ServingException.invalid(
          "input \"" + batch.signature().inputs().get(i).name() + "\": missing (expected: given)");
    }
    return tensor;
  }
}
