package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compiles the {@code Output} of a model: what it names of its result, or computes from it. */
final class Outputs {
  private final Scope scope;
  private final Build build;
  private final Result result;

  private Outputs(Scope scope, Result result) {
    this.scope = scope;
    this.build = scope.build();
    this.result = result;
  }

  /**
   * Appends the steps of a model's output fields.
   *
   * @param all gets the outputs that are results of the model
   */
  static void compile(
      ModelContext context,
      Scored scored,
      List<Step> steps,
      Map<String, Variable> all,
      boolean isNested)
      throws ModelLoadException {
    Optional<Element> output = context.element().find("Output");
    if (output.isEmpty()) {
      return;
    }
    output.get().checkChildren("OutputField");
    Outputs outputs = new Outputs(scored.outputScope(), scored.result());
    Set<String> names = new HashSet<>();
    for (Element field : output.get().children("OutputField")) {
      Typed typed = outputs.value(field, context);
      DataType type = DataType.of(field, typed.type());
      Expression expression = Casts.cast(typed, type, field, outputs.build);
      Variable variable = outputs.build.newVariable(type);
      int slot = variable.slot();
      steps.add(row -> row.values[slot] = expression.value(row));
      String name = field.get("name");
      if (!names.add(name)) {
        throw field.wrong("name: \"" + name + "\" (expected: one that is not taken)");
      }
      outputs.scope.put(name, variable);
      if (field.flag("isFinalResult", true) || isNested) {
        all.put(name, variable);
      }
    }
  }

  private Typed value(Element field, ModelContext context) throws ModelLoadException {
    if (field.has("segmentId")) {
      throw field.wrong("segmentId: is not supported (expected: none)");
    }
    String feature = field.get("feature", "predictedValue");
    return switch (feature) {
      case "predictedValue" -> at(result.value(), result.type());
      case "predictedDisplayValue" -> display(context);
      case "transformedValue", "decision" -> computed(field);
      case "probability", "confidence" -> ofCategory(field, feature);
      case "affinity", "clusterAffinity", "entityAffinity" ->
          field.has("value") ? ofCategory(field, feature) : at(result.affinity(), DataType.DOUBLE);
      case "entityId", "clusterId" -> at(result.entity(), DataType.STRING);
      case "reasonCode" -> reason(field);
      default ->
          throw field.wrong(
              "feature: \""
                  + feature
                  + "\" (expected: predictedValue, predictedDisplayValue, transformedValue,"
                  + " decision, probability, affinity, entityId or reasonCode)");
    };
  }

  private static Typed at(int place, DataType type) {
    return Typed.of(row -> row.results[place], type);
  }

  private Typed computed(Element field) throws ModelLoadException {
    for (Element child : field.children()) {
      if (child.is("Decisions")) {
        continue;
      }
      return Expressions.of(child, scope);
    }
    throw field.wrong("no expression (expected: one)");
  }

  private Typed ofCategory(Element field, String feature) throws ModelLoadException {
    int first = result.probabilities();
    int count = result.categories().length;
    if (count == 0) {
      throw field.wrong("feature: \"" + feature + "\" (expected: a model with categories)");
    }
    if (field.has("value")) {
      int category = result.indexOf(build.parse(field, field.get("value"), result.type()));
      if (category < 0) {
        throw field.wrong(
            "value: \"" + field.get("value") + "\" (expected: a category of the model)");
      }
      return at(first + category, DataType.DOUBLE);
    }
    return Typed.of(
        row -> {
          int category = result.indexOf(row.results[result.value()]);
          return category < 0 ? Double.NaN : row.results[first + category];
        },
        DataType.DOUBLE);
  }

  private Typed reason(Element field) throws ModelLoadException {
    int rank = field.integer("rank", 1, 1);
    return rank > result.reasonCount()
        ? Typed.of(row -> Double.NaN, DataType.STRING)
        : at(result.reasons() + rank - 1, DataType.STRING);
  }

  /** What the targets say to show for a category; the category itself if they say nothing. */
  private Typed display(ModelContext context) throws ModelLoadException {
    double[] shown = new double[result.categories().length];
    for (int i = 0; i < shown.length; i++) {
      shown[i] = Double.NaN;
    }
    Optional<Element> targets = context.element().find("Targets");
    if (targets.isPresent()) {
      for (Element target : targets.get().children("Target")) {
        for (Element value : target.children("TargetValue")) {
          int category =
              value.has("value") && value.has("displayValue")
                  ? result.indexOf(build.parse(value, value.get("value"), result.type()))
                  : -1;
          if (category >= 0) {
            shown[category] = build.texts().code(value.get("displayValue"));
          }
        }
      }
    }
    Expression plain =
        Casts.cast(at(result.value(), result.type()), DataType.STRING, context.element(), build);
    return Typed.of(
        row -> {
          int category = result.indexOf(row.results[result.value()]);
          return category < 0 || Double.isNaN(shown[category]) ? plain.value(row) : shown[category];
        },
        DataType.STRING);
  }
}
