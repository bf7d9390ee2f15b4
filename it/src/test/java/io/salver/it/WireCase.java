package io.salver.it;

import io.salver.predict.Category;
import io.salver.testkit.cases.ArrayTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A model and what a server that was given it must do.
 *
 * @param name fit for a model's name
 * @param files puts the model's files into a version's directory
 */
record WireCase(String name, Files files, Outcome outcome) {
  /** Puts a model's files somewhere. */
  @FunctionalInterface
  interface Files {
    void copyTo(Path versionDirectory) throws IOException;
  }

  /** What must come of it. */
  sealed interface Outcome {
    /** The version is served, and answers these calls one after the other. */
    record Served(List<Call> calls) implements Outcome {}

    /** The version is not served, for a reason that contains this. */
    record NotServed(String reason) implements Outcome {}

    /** One or the other, as the machine allows. */
    record Either(Served served, NotServed notServed) implements Outcome {}
  }

  /** A call of a signature with inputs by name. */
  record Call(String signature, Map<String, ArrayTensor> inputs, Expectation expectation) {}

  /** What a call must bring. */
  sealed interface Expectation {
    /**
     * Outputs.
     *
     * @param problem says what is wrong with outputs, if anything is
     * @param text what is expected, for people
     */
    record Answer(Function<Map<String, ArrayTensor>, Optional<String>> problem, String text)
        implements Expectation {
      @Override
      public String toString() {
        return text;
      }
    }

    /** A refusal of this category, if one is given, for a reason that contains this. */
    record Refusal(Optional<Category> category, String reason) implements Expectation {
      @Override
      public String toString() {
        return "refused: " + category.map(c -> c + ": ").orElse("") + reason;
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
