package io.salver.routing;

import io.salver.engine.LoadedModel;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a request that was read for one model is put to another: tensors belong together by name and
 * type. Immutable.
 *
 * @param to the signature of the other model
 * @param inputs for each input of {@code to} where it is in the request; -1 if it is left out
 * @param outputs for each output of the request's signature where it is in {@code to}; -1 if it is
 *     not there
 */
@SuppressWarnings("ArrayRecordComponent")
record SignatureMap(Signature to, int[] inputs, int[] outputs) {
  /**
   * The map to the signature of {@code model} that has the same name as {@code from}.
   *
   * @throws ServingException FAILED_PRECONDITION if it has none, or needs an input that is not
   *     there
   */
  static SignatureMap of(Signature from, LoadedModel model, String route) {
    Signature to = model.signatures().get(from.name());
    if (to == null) {
      throw refused(route, "no signature \"" + from.name() + "\"");
    }
    List<TensorSpec> wanted = to.inputs();
    int[] inputs = new int[wanted.size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = input(from, wanted.get(i), route);
    }
    int[] outputs = new int[from.outputs().size()];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = output(from.outputs().get(i), to);
    }
    return new SignatureMap(to, inputs, outputs);
  }

  private static int input(Signature from, TensorSpec wanted, String route) {
    int at = from.inputIndex(wanted.name());
    if (at >= 0 && from.inputs().get(at).dtype() == wanted.dtype()) {
      return at;
    }
    if (wanted.optional()) {
      return -1;
    }
    throw refused(
        route, "it wants an input " + wanted.dtype() + " \"" + wanted.name() + "\" of its own");
  }

  private static int output(TensorSpec wanted, Signature to) {
    int at = to.outputIndex(wanted.name());
    return at >= 0 && to.outputs().get(at).dtype() == wanted.dtype() ? at : -1;
  }

  private static ServingException refused(String route, String why) {
    return new ServingException(
        Category.FAILED_PRECONDITION,
        "route " + route + ": " + why + " (expected: the same signature as the first route)");
  }

  /** The inputs in the order of {@link #to}. */
  @Nullable Tensor[] inputs(@Nullable Tensor[] given) {
    @Nullable Tensor[] mapped = new Tensor[inputs.length];
    for (int i = 0; i < mapped.length; i++) {
      mapped[i] = inputs[i] < 0 ? null : given[inputs[i]];
    }
    return mapped;
  }

  /** Which outputs of {@link #to} are asked for. */
  boolean[] wanted(boolean @Nullable [] asked) {
    boolean[] mapped = new boolean[to.outputs().size()];
    for (int i = 0; i < outputs.length; i++) {
      if (outputs[i] >= 0 && (asked == null || asked[i])) {
        mapped[outputs[i]] = true;
      }
    }
    return mapped;
  }
}
