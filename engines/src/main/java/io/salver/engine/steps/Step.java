package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.tensor.Signature;

/** Something that makes tensors of tensors; any number of threads may run it at once. */
interface Step {
  /** What it takes and gives. */
  Signature signature();

  /** Sets the outputs of {@code batch}, in memory of its arena. */
  void run(Batch batch);
}
