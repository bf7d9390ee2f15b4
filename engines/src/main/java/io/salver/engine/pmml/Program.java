package io.salver.engine.pmml;

import java.util.List;
import java.util.Map;

/** A model, compiled: what is done with a row, in order. Immutable and thread-safe. */
final class Program {
  private final Step[] before;
  private final Scorer scorer;
  private final Step[] after;
  private final Result result;
  private final Map<String, Variable> outputs;
  private final int[] outputSlots;

  /**
   * A program.
   *
   * @param before prepares fields and computes those that are derived
   * @param after makes outputs of the result
   * @param outputs what the model names for others, in order
   */
  Program(
      List<Step> before,
      Scorer scorer,
      List<Step> after,
      Result result,
      Map<String, Variable> outputs) {
    this.before = before.toArray(Step[]::new);
    this.scorer = scorer;
    this.after = after.toArray(Step[]::new);
    this.result = result;
    this.outputs = outputs;
    this.outputSlots = outputs.values().stream().mapToInt(Variable::slot).toArray();
  }

  Result result() {
    return result;
  }

  Map<String, Variable> outputs() {
    return outputs;
  }

  /** Computes result and outputs. */
  void run(Row row) {
    for (Step step : before) {
      step.run(row);
    }
    scorer.score(row);
    for (Step step : after) {
      step.run(row);
    }
  }

  /** Makes result and outputs missing. */
  void skip(Row row) {
    result.clear(row);
    for (int slot : outputSlots) {
      row.values[slot] = Double.NaN;
    }
  }
}
