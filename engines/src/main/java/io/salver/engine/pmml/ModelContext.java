package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the algorithm of a model is compiled from.
 *
 * @param element the model's
 * @param scope the names that it knows
 * @param target the field that it predicts, if it is in the data dictionary
 */
record ModelContext(Element element, Scope scope, Optional<DataField> target) {
  Build build() {
    return scope.build();
  }

  boolean isClassification() {
    return element.get("functionName", "").equals("classification");
  }

  /** Refuses what is neither classification nor regression. */
  void checkFunction() throws ModelLoadException {
    if (!isClassification() && !element.get("functionName").equals("regression")) {
      throw element.wrong(
          "functionName: \""
              + element.get("functionName")
              + "\" (expected: classification or regression)");
    }
  }

  /** The type of what is predicted. */
  DataType type() {
    return target
        .map(DataField::type)
        .orElse(isClassification() ? DataType.STRING : DataType.DOUBLE);
  }

  /** A category of the target, as the file writes it. */
  double category(Element where, String text) throws ModelLoadException {
    return build().parse(where, text, type());
  }

  /** The target's categories as the data dictionary has them; others that come up are added. */
  Set<Double> categories() {
    Set<Double> categories = new LinkedHashSet<>();
    if (target.isPresent()) {
      for (double value : target.get().valid()) {
        categories.add(value);
      }
    }
    return categories;
  }

  /** A result whose value is a number that is computed. */
  Result number() {
    return Result.of(type(), new double[0], 0, build());
  }

  /** A result whose value is one of some categories. */
  Result oneOf(Set<Double> categories) {
    double[] array = categories.stream().mapToDouble(Double::doubleValue).toArray();
    return Result.of(type(), array, 0, build());
  }

  Scored scored(Scorer scorer, Result result) {
    return new Scored(scorer, result, scope);
  }
}
