package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.Signature;
import java.util.List;

/** The model itself, among its steps. */
record ModelStep(LoadedModel model, Signature signature) implements Step {
  @Override
  public List<byte[]> examples(int input) {
    return model.examples(signature, input);
  }

  @Override
  public void run(Batch batch) {
    model.run(batch);
  }
}
