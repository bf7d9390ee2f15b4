package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.tensor.Signature;
import java.util.List;

/** Something that makes tensors of tensors; any number of threads may run it at once. */
interface Step {
  /** What it takes and gives. */
  Signature signature();

  /** Elements that one of its STRING inputs takes; empty if any will do, as far as it knows. */
  default List<byte[]> examples(int input) {
    return List.of();
  }

  /** Sets the outputs of {@code batch}, in memory of its arena. */
  void run(Batch batch);
}
