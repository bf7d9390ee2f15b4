package io.salver.tensor;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A way to call a model: named inputs and outputs, in a fixed order. Immutable.
 *
 * <p>Everything that carries a request's tensors keeps them in this order, in arrays: names are
 * looked up once, when a request is decoded.
 */
public final class Signature {
  /** The name of the signature that a request means when it names none. */
  public static final String DEFAULT_NAME = "serving_default";

  private final String name;
  private final String methodName;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final Map<String, Integer> inputIndices;
  private final Map<String, Integer> outputIndices;

  /**
   * A signature.
   *
   * @param methodName what the model says the signature is for, as {@code
   *     tensorflow/serving/predict}; may be empty
   */
  public Signature(
      String name, String methodName, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    this.name = name;
    this.methodName = methodName;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.inputIndices = indices(this.inputs);
    this.outputIndices = indices(this.outputs);
  }

  private static Map<String, Integer> indices(List<TensorSpec> specs) {
    return IntStream.range(0, specs.size())
        .boxed()
        .collect(Collectors.toUnmodifiableMap(i -> specs.get(i).name(), i -> i));
  }

  /** The name by which requests choose it. */
  public String name() {
    return name;
  }

  /** What the model says the signature is for; may be empty. */
  public String methodName() {
    return methodName;
  }

  /** The inputs, in order. */
  public List<TensorSpec> inputs() {
    return inputs;
  }

  /** The outputs, in order. */
  public List<TensorSpec> outputs() {
    return outputs;
  }

  /** The position of the input that clients call {@code name}, or -1. */
  public int inputIndex(String name) {
    return inputIndices.getOrDefault(name, -1);
  }

  /** The position of the output that clients call {@code name}, or -1. */
  public int outputIndex(String name) {
    return outputIndices.getOrDefault(name, -1);
  }

  @Override
  public String toString() {
    return name + inputs + " -> " + outputs;
  }
}
