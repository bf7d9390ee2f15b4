package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.Signature;

/** The model itself, among its steps. */
record ModelStep(LoadedModel model, Signature signature) implements Step {
  @Override
  public void run(Batch batch) {
    model.run(batch);
  }
}
