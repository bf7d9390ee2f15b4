package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.List;
import java.util.Optional;

/** What a model's {@code Target} makes of its result. */
final class Targets {
  private Targets() {}

  /** Appends the step of the target, if the model has one with something to do. */
  static void compile(
      ModelContext context, Optional<String> targetName, Result result, List<Step> steps)
      throws ModelLoadException {
    Optional<Element> targets = context.element().find("Targets");
    if (targets.isEmpty()) {
      return;
    }
    for (Element target : targets.get().children("Target")) {
      boolean isOurs =
          !target.has("field")
              || targetName.isEmpty()
              || targetName.get().equals(target.get("field"));
      if (isOurs) {
        steps.add(
            result.categories().length > 0
                ? prior(target, context, result)
                : rescaling(target, result));
      }
    }
  }

  /** Where there is no answer, the category that is the most probable before a row is seen. */
  private static Step prior(Element target, ModelContext context, Result result)
      throws ModelLoadException {
    double best = Double.NaN;
    double bestProbability = 0;
    for (Element value : target.children("TargetValue")) {
      double probability = value.number("priorProbability", 0);
      if (probability > bestProbability) {
        bestProbability = probability;
        best = context.category(value, value.get("value"));
      }
    }
    double category = best;
    int at = result.value();
    return row -> row.results[at] = Double.isNaN(row.results[at]) ? category : row.results[at];
  }

  private static Step rescaling(Element target, Result result) throws ModelLoadException {
    double min = target.number("min", Double.NEGATIVE_INFINITY);
    double max = target.number("max", Double.POSITIVE_INFINITY);
    double factor = target.number("rescaleFactor", 1);
    double constant = target.number("rescaleConstant", 0);
    String cast = target.choice("castInteger", "", "round", "ceiling", "floor");
    Optional<Element> value = target.find("TargetValue");
    double otherwise =
        value.isPresent() && value.get().has("defaultValue")
            ? value.get().number("defaultValue")
            : Double.NaN;
    int at = result.value();
    return row -> {
      double x = row.results[at];
      if (Double.isNaN(x)) {
        row.results[at] = otherwise;
        return;
      }
      x = Math.clamp(x, min, max) * factor + constant;
      row.results[at] =
          switch (cast) {
            case "round" -> Math.floor(x + 0.5);
            case "ceiling" -> Math.ceil(x);
            case "floor" -> Math.floor(x);
            default -> x;
          };
    };
  }
}
