package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.List;

/** A {@code RegressionTable}: a sum over fields, in flat arrays. */
final class LinearTable {
  private final double intercept;
  private final int[] numberSlots;
  private final double[] exponents;
  private final double[] numberCoefficients;
  private final int[] categorySlots;
  private final double[] categories;
  private final double[] categoryCoefficients;
  private final int[][] termSlots;
  private final double[] termCoefficients;

  /** The table of an element. */
  LinearTable(Element table, Scope scope) throws ModelLoadException {
    table.checkChildren("NumericPredictor", "CategoricalPredictor", "PredictorTerm");
    intercept = table.number("intercept", 0);
    List<Element> numbers = table.children("NumericPredictor");
    numberSlots = new int[numbers.size()];
    exponents = new double[numberSlots.length];
    numberCoefficients = new double[numberSlots.length];
    for (int i = 0; i < numberSlots.length; i++) {
      numberSlots[i] = number(numbers.get(i), "name", scope);
      exponents[i] = numbers.get(i).number("exponent", 1);
      numberCoefficients[i] = numbers.get(i).number("coefficient");
    }
    List<Element> categorical = table.children("CategoricalPredictor");
    categorySlots = new int[categorical.size()];
    categories = new double[categorySlots.length];
    categoryCoefficients = new double[categorySlots.length];
    for (int i = 0; i < categorySlots.length; i++) {
      Element predictor = categorical.get(i);
      Variable variable = scope.get(predictor.get("name"), predictor);
      categorySlots[i] = variable.slot();
      categories[i] = scope.build().parse(predictor, predictor.get("value"), variable.type());
      categoryCoefficients[i] = predictor.number("coefficient");
    }
    List<Element> terms = table.children("PredictorTerm");
    termSlots = new int[terms.size()][];
    termCoefficients = new double[termSlots.length];
    for (int i = 0; i < termSlots.length; i++) {
      terms.get(i).checkChildren("FieldRef");
      List<Element> factors = terms.get(i).children("FieldRef");
      termSlots[i] = new int[factors.size()];
      for (int j = 0; j < factors.size(); j++) {
        termSlots[i][j] = number(factors.get(j), "field", scope);
      }
      termCoefficients[i] = terms.get(i).number("coefficient");
    }
  }

  private static int number(Element element, String attribute, Scope scope)
      throws ModelLoadException {
    String name = element.get(attribute);
    Variable variable = scope.get(name, element);
    if (variable.type() == DataType.STRING) {
      throw element.wrong("field \"" + name + "\": a string (expected: a number)");
    }
    return variable.slot();
  }

  /** The sum for a row; NaN if a number is missing. A category that is missing adds nothing. */
  double value(Row row) {
    double sum = intercept;
    for (int i = 0; i < numberSlots.length; i++) {
      double x = row.values[numberSlots[i]];
      // 0 to the power of 0 is 1, but what is missing stays missing.
      double power = exponents[i] == 1 || Double.isNaN(x) ? x : Math.pow(x, exponents[i]);
      sum += numberCoefficients[i] * power;
    }
    for (int i = 0; i < categorySlots.length; i++) {
      if (row.values[categorySlots[i]] == categories[i]) {
        sum += categoryCoefficients[i];
      }
    }
    for (int i = 0; i < termSlots.length; i++) {
      double product = termCoefficients[i];
      for (int slot : termSlots[i]) {
        product *= row.values[slot];
      }
      sum += product;
    }
    return sum;
  }
}
