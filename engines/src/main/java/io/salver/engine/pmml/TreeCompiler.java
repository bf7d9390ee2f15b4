package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compiles a {@code TreeModel}. */
final class TreeCompiler {
  private static final int MAX_PROBABILITIES = 1 << 26;

  private final ModelContext context;
  private final PredicateCompiler predicates;
  private final Result result;
  private final boolean isClassification;

  /** The nodes, breadth-first, so that the children of one are neighbours. */
  private final List<Element> nodes = new ArrayList<>();

  private final List<String> ids = new ArrayList<>();

  private TreeCompiler(ModelContext context, Element root) throws ModelLoadException {
    this.context = context;
    this.predicates = new PredicateCompiler(context.scope());
    this.isClassification = context.isClassification();
    this.result = isClassification ? context.oneOf(categories(root)) : context.number();
  }

  /** The scorer of a {@code TreeModel}. */
  static Scored compile(ModelContext context) throws ModelLoadException {
    context.checkFunction();
    Element model = context.element();
    model.checkChildren("MiningSchema", "Output", "Targets", "LocalTransformations", "Node");
    Element root = model.child("Node");
    TreeCompiler compiler = new TreeCompiler(context, root);
    return context.scored(compiler.build(root), compiler.result);
  }

  private Set<Double> categories(Element root) throws ModelLoadException {
    Set<Double> categories = context.categories();
    List<Element> queue = new ArrayList<>(List.of(root));
    for (int i = 0; i < queue.size(); i++) {
      Element node = queue.get(i);
      if (node.has("score")) {
        categories.add(context.category(node, node.get("score")));
      }
      for (Element part : node.children("ScoreDistribution")) {
        categories.add(context.category(part, part.get("value")));
      }
      queue.addAll(node.children("Node"));
    }
    return categories;
  }

  private Tree build(Element root) throws ModelLoadException {
    nodes.add(root);
    List<Integer> firsts = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      firsts.add(nodes.size());
      nodes.addAll(nodes.get(i).children("Node"));
    }
    firsts.add(nodes.size());
    number(root, new HashMap<>());
    int count = nodes.size();
    int[] test = new int[count];
    int[] fallback = new int[count];
    double[] score = new double[count];
    double[] entity = new double[count];
    long probabilityCount = (long) count * result.categories().length;
    if (probabilityCount > MAX_PROBABILITIES) {
      throw context
          .element()
          .wrong(
              count
                  + " nodes of "
                  + result.categories().length
                  + " categories (expected: at most "
                  + MAX_PROBABILITIES
                  + " probabilities)");
    }
    double[] probabilities = new double[(int) probabilityCount];
    for (int i = 0; i < count; i++) {
      Element node = nodes.get(i);
      check(node);
      test[i] = predicates.inside(node);
      fallback[i] = fallback(node, firsts.get(i), firsts.get(i + 1));
      entity[i] = context.build().texts().code(ids.get(i));
      readDistribution(node, i, probabilities);
      score[i] = score(node, i, probabilities);
    }
    Element model = context.element();
    return new Tree(
        predicates.build(),
        firsts.stream().mapToInt(Integer::intValue).toArray(),
        test,
        fallback,
        score,
        entity,
        probabilities,
        missing(model),
        model
            .choice("noTrueChildStrategy", "returnNullPrediction", "returnLastPrediction")
            .equals("returnLastPrediction"),
        result);
  }

  private static Tree.Missing missing(Element model) throws ModelLoadException {
    return switch (model.choice(
        "missingValueStrategy", "none", "lastPrediction", "nullPrediction", "defaultChild")) {
      case "lastPrediction" -> Tree.Missing.LAST_PREDICTION;
      case "nullPrediction" -> Tree.Missing.NULL_PREDICTION;
      case "defaultChild" -> Tree.Missing.DEFAULT_CHILD;
      default -> Tree.Missing.NONE;
    };
  }

  private static void check(Element node) throws ModelLoadException {
    for (Element child : node.children()) {
      if (!PredicateCompiler.isPredicate(child)
          && !child.is("Node")
          && !child.is("ScoreDistribution")) {
        throw child.wrong("is not supported in <Node>");
      }
    }
  }

  /** Names the nodes: by their ids or, where they have none, by counting them depth-first. */
  private void number(Element root, Map<Element, String> named) {
    List<Element> stack = new ArrayList<>(List.of(root));
    while (!stack.isEmpty()) {
      Element node = stack.removeLast();
      named.put(node, node.get("id", Integer.toString(named.size() + 1)));
      stack.addAll(node.children("Node").reversed());
    }
    for (Element node : nodes) {
      ids.add(named.getOrDefault(node, ""));
    }
  }

  private int fallback(Element node, int from, int to) throws ModelLoadException {
    String wanted = node.find("defaultChild", null);
    if (wanted == null) {
      return -1;
    }
    int found = ids.subList(from, to).indexOf(wanted);
    if (found < 0) {
      throw node.wrong("defaultChild: \"" + wanted + "\" (expected: the id of a child)");
    }
    return from + found;
  }

  private void readDistribution(Element node, int number, double[] probabilities)
      throws ModelLoadException {
    int count = result.categories().length;
    List<Element> parts = node.children("ScoreDistribution");
    int from = number * count;
    if (count == 0 || parts.isEmpty()) {
      Arrays.fill(probabilities, from, from + count, Double.NaN);
      return;
    }
    double total = 0;
    for (Element part : parts) {
      total += part.number("recordCount", 0);
    }
    for (Element part : parts) {
      int category = result.indexOf(context.category(part, part.get("value")));
      probabilities[from + category] =
          part.has("probability")
              ? part.number("probability")
              : total > 0 ? part.number("recordCount") / total : part.number("confidence", 0);
    }
  }

  private double score(Element node, int number, double[] probabilities) throws ModelLoadException {
    if (node.has("score")) {
      return isClassification ? context.category(node, node.get("score")) : node.number("score");
    }
    int count = result.categories().length;
    int best = -1;
    for (int i = 0; i < count; i++) {
      double probability = probabilities[number * count + i];
      if (!Double.isNaN(probability)
          && (best < 0 || probability > probabilities[number * count + best])) {
        best = i;
      }
    }
    return best < 0 ? Double.NaN : result.categories()[best];
  }
}
