package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Compiles a {@code RegressionModel}. */
final class RegressionCompiler {
  private RegressionCompiler() {}

  /** What is made of the sums of several tables. */
  private enum Way {
    SOFTMAX,
    SIMPLEMAX,
    /** The link function of each, and the last category gets the rest. */
    REST,
    /** The link function of each, divided by their sum. */
    EACH,
    /** The link function gives the probability of a category and all before it. */
    CUMULATIVE
  }

  /** The scorer of a {@code RegressionModel}. */
  static Scored compile(ModelContext context) throws ModelLoadException {
    context.checkFunction();
    Element model = context.element();
    model.checkChildren(
        "MiningSchema", "Output", "Targets", "LocalTransformations", "RegressionTable");
    List<Element> elements = model.children("RegressionTable");
    LinearTable[] tables = new LinearTable[elements.size()];
    for (int i = 0; i < tables.length; i++) {
      tables[i] = new LinearTable(elements.get(i), context.scope());
    }
    String method =
        model.choice(
            "normalizationMethod",
            "none",
            "simplemax",
            "softmax",
            "logit",
            "probit",
            "cloglog",
            "exp",
            "loglog",
            "cauchit");
    return context.isClassification()
        ? classification(context, elements, tables, method)
        : regression(context, tables, method);
  }

  private static Link link(String method) {
    return switch (method) {
      case "logit", "softmax" -> Link.LOGIT;
      case "probit" -> Link.PROBIT;
      case "cloglog" -> Link.CLOGLOG;
      case "loglog" -> Link.LOGLOG;
      case "cauchit" -> Link.CAUCHIT;
      case "exp" -> Link.EXP;
      default -> Link.IDENTITY;
    };
  }

  private static Scored regression(ModelContext context, LinearTable[] tables, String method)
      throws ModelLoadException {
    if (tables.length != 1 || method.equals("simplemax")) {
      throw context
          .element()
          .wrong(
              tables.length
                  + " <RegressionTable>, normalizationMethod "
                  + method
                  + " (expected for regression: 1, and not simplemax)");
    }
    Result result = context.number();
    Link link = link(method);
    LinearTable table = tables[0];
    Scorer scorer =
        row -> {
          result.clear(row);
          row.results[result.value()] = link.inverse(table.value(row));
        };
    return context.scored(scorer, result);
  }

  private static Scored classification(
      ModelContext context, List<Element> elements, LinearTable[] tables, String method)
      throws ModelLoadException {
    Set<Double> categories = new LinkedHashSet<>();
    for (Element table : elements) {
      if (!categories.add(context.category(table, table.get("targetCategory")))) {
        throw table.wrong(
            "targetCategory: \""
                + table.get("targetCategory")
                + "\" (expected: one that no other table has)");
      }
    }
    boolean isHalf = tables.length == 1;
    if (isHalf) {
      categories.addAll(context.categories());
    }
    if (categories.size() < 2
        || isHalf && (categories.size() != 2 || method.equals("simplemax"))
        || method.equals("exp")) {
      throw context
          .element()
          .wrong(
              tables.length
                  + " <RegressionTable> for "
                  + categories.size()
                  + " categories, normalizationMethod "
                  + method
                  + " (expected for classification: a table for each category, and not exp)");
    }
    Result result = context.oneOf(categories);
    boolean isOrdinal = context.target().isPresent() && context.target().get().isOrdinal();
    Way way =
        switch (method) {
          case "softmax" -> isHalf ? Way.REST : Way.SOFTMAX;
          case "simplemax" -> Way.SIMPLEMAX;
          case "none" -> isOrdinal ? Way.CUMULATIVE : Way.REST;
          default -> isOrdinal ? Way.CUMULATIVE : categories.size() == 2 ? Way.REST : Way.EACH;
        };
    Link link = link(method);
    return context.scored(row -> classify(row, tables, result, way, link), result);
  }

  private static void classify(Row row, LinearTable[] tables, Result result, Way way, Link link) {
    result.clear(row);
    double[] values = row.results;
    int from = result.probabilities();
    int count = result.categories().length;
    for (int i = 0; i < tables.length; i++) {
      double sum = tables[i].value(row);
      boolean isLinked = way != Way.SOFTMAX && way != Way.SIMPLEMAX;
      values[from + i] = isLinked ? link.inverse(sum) : sum;
    }
    if (!Probabilities.areKnown(values, from, tables.length)) {
      return;
    }
    switch (way) {
      case SOFTMAX -> Probabilities.softmax(values, from, count);
      case SIMPLEMAX, EACH -> Probabilities.normalize(values, from, count);
      case REST -> Probabilities.complement(values, from, count);
      case CUMULATIVE -> Probabilities.differences(values, from, count);
    }
    result.pickCategory(row);
  }
}
