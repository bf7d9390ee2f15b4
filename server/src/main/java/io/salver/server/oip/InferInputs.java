package io.salver.server.oip;

import io.salver.predict.ServingException;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of one request as they come in, and what can be wrong with them, with Triton's words
 * where clients look at those. Used by one thread.
 */
final class InferInputs {
  private static final int MAX_RANK = 254;

  private final InferPlan plan;
  private final List<TensorSpec> specs;
  private final @Nullable Tensor[] tensors;

  InferInputs(InferPlan plan) {
    this.plan = plan;
    this.specs = plan.signature().inputs();
    this.tensors = new Tensor[specs.size()];
  }

  /** A request for something else than the signature has. */
  static ServingException unexpected(String what, String name, InferPlan plan) {
    return ServingException.invalid(
        "unexpected inference " + what + " '" + name + "' for model '" + plan.model() + "'");
  }

  ServingException wrongDatatype(int i, String datatype) {
    return ServingException.invalid(
        "inference input '"
            + specs.get(i).name()
            + "' data-type is '"
            + datatype
            + "', but model '"
            + plan.model()
            + "' expects '"
            + Datatypes.name(specs.get(i).dtype())
            + "'");
  }

  /** An input that is wrong in itself, as {@code shape: [-1] (expected: ...)}. */
  ServingException wrong(int i, String found, String expected) {
    return wrong(specs.get(i).name(), plan.model(), found, expected);
  }

  static ServingException wrong(String input, String model, String found, String expected) {
    return ServingException.invalid(
        "input '"
            + input
            + "' for model '"
            + model
            + "': "
            + found
            + " (expected: "
            + expected
            + ")");
  }

  /** The shape with these dimensions. */
  Shape shape(int i, long[] dims, int rank) {
    if (rank > MAX_RANK) {
      throw wrong(i, "shape of " + rank + " dimensions", "at most " + MAX_RANK);
    }
    for (int d = 0; d < rank; d++) {
      if (dims[d] < 0) {
        throw wrong(i, "dimension " + d + " of shape is " + dims[d], ">= 0");
      }
    }
    try {
      return plan.shape(i, dims, rank);
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid(
          "input '"
              + specs.get(i).name()
              + "' for model '"
              + plan.model()
              + "': "
              + e.getMessage());
    }
  }

  void set(int i, Tensor tensor) {
    if (tensors[i] != null) {
      throw ServingException.invalid(
          "input '"
              + specs.get(i).name()
              + "' already exists in request for model '"
              + plan.model()
              + "'");
    }
    tensors[i] = tensor;
  }

  /** The tensors in the signature's order, if all that are required have come. */
  @Nullable Tensor[] complete() {
    for (int i = 0; i < tensors.length; i++) {
      if (tensors[i] == null && !specs.get(i).optional()) {
        throw missing();
      }
    }
    return tensors;
  }

  private ServingException missing() {
    List<String> got = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < tensors.length; i++) {
      if (tensors[i] != null) {
        got.add(specs.get(i).name());
      } else if (!specs.get(i).optional()) {
        missing.add(specs.get(i).name());
      }
    }
    return ServingException.invalid(
        "expected "
            + specs.size()
            + " inputs but got "
            + got.size()
            + " inputs for model '"
            + plan.model()
            + "'. Got input(s) "
            + quoted(got)
            + ", but missing required input(s) "
            + quoted(missing)
            + ". Please provide all required input(s).");
  }

  private static String quoted(List<String> names) {
    return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(",", "[", "]"));
  }
}
