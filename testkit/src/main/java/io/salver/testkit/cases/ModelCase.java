package io.salver.testkit.cases;

import io.salver.predict.Category;
import java.util.List;
import java.util.Map;

/**
 * A model and what it must do.
 *
 * @param name unique among the cases of its table
 * @param directory the version's directory or, for formats of one file, that file, below the shared
 *     test data
 * @param outcome what must come of loading it
 */
public record ModelCase(String name, String directory, Outcome outcome) {

  /** What must come of loading a model. */
  public sealed interface Outcome {}

  /** It loads, and answers these steps one after the other, in this order. */
  public record Serves(List<Step> steps) implements Outcome {}

  /** Its load fails with a message that contains {@code message}. */
  public record FailsToLoad(String message) implements Outcome {}

  /** One call. */
  public sealed interface Step {
    /** The name of the signature to call. */
    String signature();

    /** The inputs by name. */
    Map<String, ArrayTensor> inputs();
  }

  /**
   * A call that must be answered.
   *
   * @param outputs those to check, by name; the model may have others
   * @param tolerance how far floating-point outputs may be from these
   */
  public record Answers(
      String signature,
      Map<String, ArrayTensor> inputs,
      Map<String, ArrayTensor> outputs,
      double tolerance)
      implements Step {}

  /** A call that must fail with {@code category} and a message that contains {@code message}. */
  public record Refuses(
      String signature, Map<String, ArrayTensor> inputs, Category category, String message)
      implements Step {}

  /** A model that answers these steps. */
  public static ModelCase serves(String name, String directory, Step... steps) {
    return new ModelCase(name, directory, new Serves(List.of(steps)));
  }

  /** A model that must not load. */
  public static ModelCase failsToLoad(String name, String directory, String message) {
    return new ModelCase(name, directory, new FailsToLoad(message));
  }

  @Override
  public String toString() {
    return name;
  }
}
