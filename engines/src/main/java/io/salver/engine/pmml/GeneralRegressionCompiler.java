package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;

/** Compiles a {@code GeneralRegressionModel}. */
final class GeneralRegressionCompiler {
  private final ModelContext context;
  private final Element model;

  /** By parameter: what its coefficient is multiplied by. */
  private final Map<String, List<DesignTerms.Factor>> parameters = new LinkedHashMap<>();

  private final Set<String> factors = new LinkedHashSet<>();
  private final Set<String> covariates = new LinkedHashSet<>();

  private GeneralRegressionCompiler(ModelContext context) {
    this.context = context;
    this.model = context.element();
  }

  /** The scorer of a {@code GeneralRegressionModel}. */
  static Scored compile(ModelContext context) throws ModelLoadException {
    return new GeneralRegressionCompiler(context).compile();
  }

  private Scored compile() throws ModelLoadException {
    context.checkFunction();
    model.checkChildren(
        "MiningSchema",
        "Output",
        "Targets",
        "LocalTransformations",
        "ParameterList",
        "FactorList",
        "CovariateList",
        "PPMatrix",
        "PCovMatrix",
        "ParamMatrix");
    readPredictors("FactorList", factors);
    readPredictors("CovariateList", covariates);
    for (Element parameter : model.child("ParameterList").children("Parameter")) {
      parameters.put(parameter.get("name"), new ArrayList<>());
    }
    Optional<Element> matrix = model.find("PPMatrix");
    if (matrix.isPresent()) {
      for (Element cell : matrix.get().children("PPCell")) {
        readFactor(cell);
      }
    }
    String type = model.get("modelType");
    return switch (type) {
      case "regression", "generalLinear" -> number(link("identity"));
      case "generalizedLinear" -> {
        DoubleUnaryOperator link = link(model.get("linkFunction"));
        yield context.isClassification() ? binary(link) : number(link);
      }
      case "multinomialLogistic" -> multinomial();
      case "ordinalMultinomial" -> ordinal();
      default ->
          throw model.wrong(
              "modelType: \""
                  + type
                  + "\" (expected: regression, generalLinear, generalizedLinear,"
                  + " multinomialLogistic or ordinalMultinomial)");
    };
  }

  private void readPredictors(String list, Set<String> names) throws ModelLoadException {
    Optional<Element> element = model.find(list);
    if (element.isPresent()) {
      for (Element predictor : element.get().children("Predictor")) {
        if (predictor.find("Matrix").isPresent()) {
          throw predictor.child("Matrix").wrong("is not supported in <Predictor>");
        }
        names.add(predictor.get("name"));
      }
    }
  }

  private void readFactor(Element cell) throws ModelLoadException {
    String name = cell.get("predictorName");
    List<DesignTerms.Factor> of = parameters.get(cell.get("parameterName"));
    if (of == null) {
      throw cell.wrong(
          "parameterName: \"" + cell.get("parameterName") + "\" (expected: one that is listed)");
    }
    Variable variable = context.scope().get(name, cell);
    if (factors.contains(name)) {
      double value = context.build().parse(cell, cell.get("value"), variable.type());
      of.add(new DesignTerms.Factor(variable.slot(), true, value));
    } else if (covariates.contains(name) && variable.type() != DataType.STRING) {
      of.add(new DesignTerms.Factor(variable.slot(), false, cell.number("value")));
    } else {
      throw cell.wrong(
          "predictorName: \"" + name + "\" (expected: a factor, or a covariate that is a number)");
    }
  }

  /** The coefficients of a category, or those of none. */
  private DesignTerms terms(Optional<Double> category, boolean withCommon)
      throws ModelLoadException {
    List<DesignTerms.Factor[]> products = new ArrayList<>();
    List<Double> coefficients = new ArrayList<>();
    for (Element cell : model.child("ParamMatrix").children("PCell")) {
      boolean isCommon = !cell.has("targetCategory");
      boolean isOurs =
          isCommon
              ? category.isEmpty() || withCommon
              : category.isPresent()
                  && context.category(cell, cell.get("targetCategory")) == category.get();
      if (!isOurs) {
        continue;
      }
      List<DesignTerms.Factor> factors = parameters.get(cell.get("parameterName"));
      if (factors == null) {
        throw cell.wrong(
            "parameterName: \"" + cell.get("parameterName") + "\" (expected: one that is listed)");
      }
      products.add(factors.toArray(DesignTerms.Factor[]::new));
      coefficients.add(cell.number("beta"));
    }
    return new DesignTerms(
        products.toArray(DesignTerms.Factor[][]::new),
        coefficients.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private Set<Double> categoriesWithTerms() throws ModelLoadException {
    Set<Double> categories = new LinkedHashSet<>();
    for (Element cell : model.child("ParamMatrix").children("PCell")) {
      if (cell.has("targetCategory")) {
        categories.add(context.category(cell, cell.get("targetCategory")));
      }
    }
    return categories;
  }

  /** A constant or a field that the model names, or {@code otherwise}. */
  private Expression extra(String name, double otherwise) throws ModelLoadException {
    String variableName = model.find(name + "Variable", null);
    if (variableName != null) {
      int slot = context.scope().get(variableName, model).slot();
      return row -> row.values[slot];
    }
    double value = model.number(name + "Value", otherwise);
    return row -> value;
  }

  private DoubleUnaryOperator link(String function) throws ModelLoadException {
    double parameter = model.number("linkParameter", 1);
    double dispersion = model.number("distParameter", 1);
    return switch (function) {
      case "identity" -> eta -> eta;
      case "log" -> Math::exp;
      case "logc" -> eta -> -Math.expm1(eta);
      case "logit" -> Link.LOGIT::inverse;
      case "probit" -> Link.PROBIT::inverse;
      case "cloglog" -> Link.CLOGLOG::inverse;
      case "loglog" -> Link.LOGLOG::inverse;
      case "cauchit" -> Link.CAUCHIT::inverse;
      case "negbin" -> eta -> 1 / (dispersion * Math.expm1(-eta));
      case "oddspower" ->
          parameter == 0
              ? Link.LOGIT::inverse
              : eta -> 1 / (1 + Math.pow(1 + parameter * eta, -1 / parameter));
      case "power" -> parameter == 0 ? Math::exp : eta -> Math.pow(eta, 1 / parameter);
      default ->
          throw model.wrong(
              "link function: \"" + function + "\" (expected: a link function of PMML, as logit)");
    };
  }

  private Scored number(DoubleUnaryOperator link) throws ModelLoadException {
    Result result = context.number();
    DesignTerms terms = terms(Optional.empty(), true);
    Expression offset = extra("offset", 0);
    Expression trials = extra("trials", 1);
    Scorer scorer =
        row -> {
          result.clear(row);
          double eta = terms.value(row) + offset.value(row);
          row.results[result.value()] = link.applyAsDouble(eta) * trials.value(row);
        };
    return context.scored(scorer, result);
  }

  /** The category that the others are held against: the one that has no terms of its own. */
  private double reference(Set<Double> named) throws ModelLoadException {
    String reference = model.find("targetReferenceCategory", null);
    if (reference != null) {
      return context.category(model, reference);
    }
    for (double category : context.categories()) {
      if (!named.contains(category)) {
        return category;
      }
    }
    throw model.wrong("no targetReferenceCategory (expected: one)");
  }

  private Scored binary(DoubleUnaryOperator link) throws ModelLoadException {
    Set<Double> categories = categoriesWithTerms();
    if (categories.isEmpty()) {
      categories.addAll(context.categories());
      categories.remove(reference(Set.of()));
    }
    if (categories.size() != 1) {
      throw model.wrong(categories.size() + " categories with terms (expected: 1)");
    }
    double category = categories.iterator().next();
    categories.add(reference(categories));
    DesignTerms terms = terms(Optional.of(category), true);
    Expression offset = extra("offset", 0);
    Result result = context.oneOf(categories);
    int from = result.probabilities();
    Scorer scorer =
        row -> {
          result.clear(row);
          row.results[from] = link.applyAsDouble(terms.value(row) + offset.value(row));
          Probabilities.complement(row.results, from, 2);
          result.pickCategory(row);
        };
    return context.scored(scorer, result);
  }

  private Scored multinomial() throws ModelLoadException {
    Set<Double> categories = categoriesWithTerms();
    List<DesignTerms> terms = new ArrayList<>();
    for (double category : categories) {
      terms.add(terms(Optional.of(category), true));
    }
    categories.add(reference(categories));
    Result result = context.oneOf(categories);
    DesignTerms[] all = terms.toArray(DesignTerms[]::new);
    Expression offset = extra("offset", 0);
    int from = result.probabilities();
    Scorer scorer =
        row -> {
          result.clear(row);
          for (int i = 0; i < all.length; i++) {
            row.results[from + i] = all[i].value(row) + offset.value(row);
          }
          row.results[from + all.length] = 0;
          if (Probabilities.areKnown(row.results, from, all.length + 1)) {
            Probabilities.softmax(row.results, from, all.length + 1);
            result.pickCategory(row);
          }
        };
    return context.scored(scorer, result);
  }

  private Scored ordinal() throws ModelLoadException {
    Set<Double> named = categoriesWithTerms();
    Set<Double> categories = new LinkedHashSet<>(context.categories());
    categories.addAll(named);
    categories.removeIf(category -> !named.contains(category));
    DesignTerms[] all = new DesignTerms[named.size()];
    int count = 0;
    for (double category : categories) {
      all[count++] = terms(Optional.of(category), true);
    }
    categories.add(reference(named));
    DoubleUnaryOperator link =
        link(model.get("cumulativeLink", model.get("cumulativeLinkFunction", "logit")));
    Expression offset = extra("offset", 0);
    Result result = context.oneOf(categories);
    int from = result.probabilities();
    Scorer scorer =
        row -> {
          result.clear(row);
          for (int i = 0; i < all.length; i++) {
            row.results[from + i] = link.applyAsDouble(all[i].value(row) + offset.value(row));
          }
          if (Probabilities.areKnown(row.results, from, all.length)) {
            Probabilities.differences(row.results, from, all.length + 1);
            result.pickCategory(row);
          }
        };
    return context.scored(scorer, result);
  }
}
