package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Compiles a {@code NaiveBayesModel}. */
final class NaiveBayesCompiler {
  private final ModelContext context;
  private final Result result;
  private final double threshold;

  private NaiveBayesCompiler(ModelContext context) throws ModelLoadException {
    this.context = context;
    this.threshold = context.element().number("threshold");
    Set<Double> categories = new LinkedHashSet<>();
    for (Element count : counts(context.element().child("BayesOutput"))) {
      categories.add(context.category(count, count.get("value")));
    }
    this.result = context.oneOf(categories);
  }

  /** The scorer of a {@code NaiveBayesModel}. */
  static Scored compile(ModelContext context) throws ModelLoadException {
    context
        .element()
        .checkChildren(
            "MiningSchema",
            "Output",
            "Targets",
            "LocalTransformations",
            "BayesInputs",
            "BayesOutput");
    NaiveBayesCompiler compiler = new NaiveBayesCompiler(context);
    return context.scored(compiler.compile(), compiler.result);
  }

  private static List<Element> counts(Element owner) throws ModelLoadException {
    return owner.child("TargetValueCounts").children("TargetValueCount");
  }

  private NaiveBayes compile() throws ModelLoadException {
    double[] prior = new double[result.categories().length];
    for (Element count : counts(context.element().child("BayesOutput"))) {
      prior[category(count)] = Math.log(count.number("count"));
    }
    List<NaiveBayes.Input> inputs = new ArrayList<>();
    Element list = context.element().child("BayesInputs");
    list.checkChildren("BayesInput");
    for (Element input : list.children()) {
      inputs.add(input(input));
    }
    return new NaiveBayes(
        prior, inputs.toArray(NaiveBayes.Input[]::new), Math.log(threshold), result);
  }

  private int category(Element where) throws ModelLoadException {
    int category = result.indexOf(context.category(where, where.get("value")));
    if (category < 0) {
      throw where.wrong(
          "value: \"" + where.get("value") + "\" (expected: a value of <BayesOutput>)");
    }
    return category;
  }

  private NaiveBayes.Input input(Element input) throws ModelLoadException {
    input.checkChildren("DerivedField", "PairCounts", "TargetValueStats");
    Optional<Element> derived = input.find("DerivedField");
    Typed typed;
    if (derived.isPresent()) {
      typed = Expressions.inside(derived.get(), context.scope());
    } else {
      Variable variable = context.scope().get(input.get("fieldName"), input);
      int slot = variable.slot();
      typed = Typed.of(row -> row.values[slot], variable.type());
    }
    Optional<Element> stats = input.find("TargetValueStats");
    return stats.isPresent()
        ? gauss(stats.get(), typed.expression())
        : pairs(input.children("PairCounts"), typed);
  }

  private NaiveBayes.Input gauss(Element stats, Expression value) throws ModelLoadException {
    double[] means = new double[result.categories().length];
    double[] variances = new double[means.length];
    Arrays.fill(means, Double.NaN);
    for (Element stat : stats.children("TargetValueStat")) {
      stat.checkChildren("GaussianDistribution");
      Element distribution = stat.child("GaussianDistribution");
      int category = category(stat);
      means[category] = distribution.number("mean");
      variances[category] = distribution.number("variance");
      if (!(variances[category] > 0)) {
        throw distribution.wrong("variance: " + variances[category] + " (expected: > 0)");
      }
    }
    return new NaiveBayes.Gauss(value, means, variances);
  }

  private NaiveBayes.Input pairs(List<Element> pairs, Typed typed) throws ModelLoadException {
    int count = result.categories().length;
    double[] values = new double[pairs.size()];
    double[][] logs = new double[values.length][count];
    double[] totals = new double[count];
    for (int i = 0; i < values.length; i++) {
      values[i] = context.build().parse(pairs.get(i), pairs.get(i).get("value"), typed.type());
      for (Element pair : counts(pairs.get(i))) {
        int category = category(pair);
        logs[i][category] = pair.number("count");
        totals[category] += logs[i][category];
      }
    }
    for (double[] row : logs) {
      for (int category = 0; category < count; category++) {
        double share = totals[category] == 0 ? 0 : row[category] / totals[category];
        row[category] = Math.log(share == 0 ? threshold : share);
      }
    }
    return new NaiveBayes.Pairs(typed.expression(), values, logs);
  }
}
