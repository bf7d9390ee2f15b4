package io.salver.gate;

import io.salver.gate.CanaryState.Evidence;
import io.salver.gate.CanaryState.Pause;
import io.salver.gate.CanaryState.Phase;
import io.salver.gate.Verdict.Outcome;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A canary's state as plain values: text, numbers, lists and maps of them, as JSON has them. */
public final class CanaryRecord {
  private static final double MAX_COUNT = 1e15;

  private CanaryRecord() {}

  /** All of the state. Times are in ISO form. */
  public static Map<String, Object> write(CanaryState state) {
    Map<String, Object> values = new HashMap<>();
    values.put("phase", name(state.phase()));
    values.put("pause", name(state.pause()));
    values.put("step", state.step());
    values.put("weight", state.weight());
    values.put("since", state.since().toString());
    values.put("last_data", state.lastData().toString());
    values.put("outcome", name(state.verdict().outcome()));
    values.put("reasons", state.verdict().reasons());
    values.put("statistics", state.verdict().statistics());
    values.put("evidence", numbers(state.evidence()));
    return values;
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Double> numbers(Evidence evidence) {
    Map<String, Double> numbers = new TreeMap<>();
    ErrorEvidence errors = evidence.errors();
    numbers.put("error_log_value", errors.logValue());
    numbers.put("baseline_requests", (double) errors.baselineRequests());
    numbers.put("baseline_errors", (double) errors.baselineErrors());
    numbers.put("canary_requests", (double) errors.canaryRequests());
    numbers.put("canary_errors", (double) errors.canaryErrors());
    LatencyEvidence latencies = evidence.latencies();
    numbers.put("looks", (double) latencies.looks());
    numbers.put("samples", (double) latencies.samples());
    numbers.put("alpha", latencies.alpha());
    numbers.put("p_slower", latencies.pSlower());
    numbers.put("ratio", latencies.ratio());
    numbers.put("ratio_lower", latencies.ratioLower());
    numbers.put("ratio_upper", latencies.ratioUpper());
    numbers.put("tail_ratio_lower", latencies.tailRatioLower());
    numbers.put("baseline_mark", (double) evidence.baselineMark());
    numbers.put("canary_mark", (double) evidence.canaryMark());
    return numbers;
  }

  /**
   * The state that {@link #write} has written.
   *
   * @throws IllegalArgumentException if something is absent, of another kind or out of range
   */
  public static CanaryState read(Map<String, ?> values) {
    Map<?, ?> numbers = of(Map.class, "evidence", values.get("evidence"));
    return new CanaryState(
        constant(Phase.class, "phase", values),
        constant(Pause.class, "pause", values),
        (int) number("step", values.get("step"), 0, Integer.MAX_VALUE),
        number("weight", values.get("weight"), 0, 100),
        time("since", values),
        time("last_data", values),
        evidence(numbers),
        new Verdict(
            constant(Outcome.class, "outcome", values),
            reasons(of(List.class, "reasons", values.get("reasons"))),
            statistics(of(Map.class, "statistics", values.get("statistics")))));
  }

  private static Evidence evidence(Map<?, ?> numbers) {
    return new Evidence(
        new ErrorEvidence(
            number(numbers, "error_log_value", -MAX_COUNT, MAX_COUNT),
            count(numbers, "baseline_requests"),
            count(numbers, "baseline_errors"),
            count(numbers, "canary_requests"),
            count(numbers, "canary_errors")),
        new LatencyEvidence(
            (int) number(numbers, "looks", 0, 10_000),
            count(numbers, "samples"),
            number(numbers, "alpha", 0, 1),
            number(numbers, "p_slower", 0, 1),
            number(numbers, "ratio", 0, Double.MAX_VALUE),
            number(numbers, "ratio_lower", 0, Double.MAX_VALUE),
            number(numbers, "ratio_upper", 0, Double.MAX_VALUE),
            number(numbers, "tail_ratio_lower", 0, Double.MAX_VALUE)),
        count(numbers, "baseline_mark"),
        count(numbers, "canary_mark"));
  }

  private static long count(Map<?, ?> numbers, String name) {
    return (long) number(numbers, name, 0, MAX_COUNT);
  }

  private static double number(Map<?, ?> numbers, String name, double min, double max) {
    return number(name, numbers.get(name), min, max);
  }

  private static double number(String name, @Nullable Object value, double min, double max) {
    double number = of(Number.class, name, value).doubleValue();
    if (!(number >= min && number <= max)) {
      throw new IllegalArgumentException(
          "canary: " + name + ": " + number + " (expected: " + min + " to " + max + ")");
    }
    return number;
  }

  private static Instant time(String name, Map<String, ?> values) {
    String text = of(String.class, name, values.get(name));
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "canary: " + name + ": " + text + " (expected: a time in ISO form)", e);
    }
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String name, Map<String, ?> values) {
    String text = of(String.class, name, values.get(name));
    for (E constant : type.getEnumConstants()) {
      if (name(constant).equals(text)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "canary: " + name + ": " + text + " (expected: one of " + namesOf(type) + ")");
  }

  private static List<String> namesOf(Class<? extends Enum<?>> type) {
    List<String> names = new ArrayList<>();
    for (Enum<?> constant : type.getEnumConstants()) {
      names.add(name(constant));
    }
    return names;
  }

  private static List<String> reasons(List<?> list) {
    List<String> reasons = new ArrayList<>();
    for (Object reason : list) {
      reasons.add(of(String.class, "reasons", reason));
    }
    return reasons;
  }

  private static Map<String, Double> statistics(Map<?, ?> map) {
    Map<String, Double> statistics = new TreeMap<>();
    map.forEach((name, value) ->
        statistics.put(
            of(String.class, "statistics", name),
            of(Number.class, "statistics", value).doubleValue()));
    return statistics;
  }

  private static <T> T of(Class<T> type, String name, @Nullable Object value) {
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          "canary: " + name + ": " + value + " (expected: a " + type.getSimpleName() + ")");
    }
    return type.cast(value);
  }
}
