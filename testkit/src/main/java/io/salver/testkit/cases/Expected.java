package io.salver.testkit.cases;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What a model has to do with a case's inputs. */
public sealed interface Expected {
  /** The model is to be refused when it is loaded, with {@code reason} in the message. */
  record RefusedAtLoad(String reason) implements Expected {}

  /** The request is to be refused, with {@code reason} in the message. */
  record RefusedAtRun(String reason) implements Expected {}

  /** The model is to answer so that {@code answer} holds. */
  record Answered(Answer answer) implements Expected {}

  /**
   * As {@link Answered}, but where the machine lacks something, the model may be refused when it is
   * loaded, with {@code reason} in the message.
   */
  record AnsweredOrRefusedAtLoad(Answer answer, String reason) implements Expected {}

  /** A property of the outputs. */
  @FunctionalInterface
  interface Answer {
    /** What is wrong with {@code outputs}, by name; empty if nothing is. */
    Optional<String> problem(Map<String, TensorData> outputs);

    /** Both this and {@code other}. */
    default Answer and(Answer other) {
      return outputs -> problem(outputs).or(() -> other.problem(outputs));
    }
  }

  /** These outputs are there, and equal; floating-point numbers to within a tolerance. */
  static Answer equalTo(double tolerance, TensorData... expected) {
    return outputs ->
        Arrays.stream(expected)
            .map(e -> with(outputs, e.name(), actual -> difference(e, actual, tolerance)))
            .flatMap(Optional::stream)
            .findFirst();
  }

  /** These outputs are there, and equal to the last bit. */
  static Answer equalTo(TensorData... expected) {
    return equalTo(0, expected);
  }

  /** The output starts with these numbers. */
  static Answer startsWith(String output, double tolerance, double... numbers) {
    return outputs ->
        with(
            outputs,
            output,
            actual -> {
              for (int i = 0; i < numbers.length; i++) {
                if (!isClose(numbers[i], actual.number(i), tolerance)) {
                  return Optional.of(
                      output + "[" + i + "]: " + actual.number(i) + " (expected: " + numbers[i]);
                }
              }
              return Optional.empty();
            });
  }

  /** The largest number of the output is at this position. */
  static Answer argMax(String output, int position) {
    return outputs ->
        with(
            outputs,
            output,
            actual ->
                actual.argMax() == position
                    ? Optional.empty()
                    : Optional.of(
                        output
                            + ": largest at "
                            + actual.argMax()
                            + " (expected: at "
                            + position
                            + ")"));
  }

  /** What {@code problem} says of the output is empty. */
  static Answer that(String output, Function<TensorData, String> problem) {
    return outputs ->
        with(
            outputs,
            output,
            actual ->
                Optional.of(problem.apply(actual))
                    .filter(text -> !text.isEmpty())
                    .map(text -> output + ": " + text));
  }

  /** Every row of the output adds up to 1. */
  static Answer rowsSumToOne(String output) {
    return outputs ->
        with(
            outputs,
            output,
            actual -> {
              int columns = (int) actual.shape().dim(1);
              for (int row = 0; row < actual.shape().dim(0); row++) {
                double sum = 0;
                for (int i = 0; i < columns; i++) {
                  sum += actual.number(row * columns + i);
                }
                if (!isClose(1, sum, 1e-5)) {
                  return Optional.of(output + ": row " + row + " adds up to " + sum);
                }
              }
              return Optional.empty();
            });
  }

  /** The output has these dimensions. */
  static Answer shaped(String output, long... dims) {
    return outputs ->
        with(
            outputs,
            output,
            actual ->
                Arrays.equals(actual.shape().dims(), dims)
                    ? Optional.empty()
                    : Optional.of(actual + " (expected: " + Arrays.toString(dims) + ")"));
  }

  /** The outputs, however many, hold finite numbers. */
  static Answer finite() {
    return outputs ->
        outputs.values().stream()
            .filter(output -> !isFinite(output))
            .map(output -> output + ": not finite")
            .findFirst();
  }

  private static Optional<String> with(
      Map<String, TensorData> outputs, String name, Function<TensorData, Optional<String>> check) {
    TensorData actual = outputs.get(name);
    return actual == null
        ? Optional.of("output \"" + name + "\": missing (there are " + outputs.keySet() + ")")
        : check.apply(actual);
  }

  private static boolean isFinite(TensorData data) {
    if (data.elements() instanceof byte[][]) {
      return true;
    }
    for (int i = 0; i < data.count(); i++) {
      if (!Double.isFinite(data.number(i))) {
        return false;
      }
    }
    return true;
  }

  private static Optional<String> difference(TensorData e, TensorData actual, double tolerance) {
    if (e.dtype() != actual.dtype() || !e.shape().equals(actual.shape())) {
      return Optional.of(actual + " (expected: " + e + ")");
    }
    for (int i = 0; i < e.count(); i++) {
      if (!isSame(e, actual, i, tolerance)) {
        List<String> shown = List.of(shown(actual, i), shown(e, i));
        return Optional.of(
            e.name() + "[" + i + "]: " + shown.get(0) + " (expected: " + shown.get(1) + ")");
      }
    }
    return Optional.empty();
  }

  private static boolean isSame(TensorData e, TensorData actual, int i, double tolerance) {
    return e.elements() instanceof byte[][]
        ? Arrays.equals(e.bytes(i), actual.bytes(i))
        : isClose(e.number(i), actual.number(i), tolerance);
  }

  private static String shown(TensorData data, int i) {
    return data.elements() instanceof byte[][] ? data.text(i) : String.valueOf(data.number(i));
  }

  private static boolean isClose(double expected, double actual, double tolerance) {
    return Double.compare(expected, actual) == 0
        || Math.abs(expected - actual) <= tolerance * Math.max(1, Math.abs(expected));
  }
}
