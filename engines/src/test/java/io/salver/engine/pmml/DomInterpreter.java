package io.salver.engine.pmml;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

/**
 * PMML as its specification tells it, straight from the document, one row at a time: a value is a
 * {@code Double}, a {@code String}, a {@code Boolean}, or null where it is missing. Knows what
 * {@link RandomPmml} writes.
 */
final class DomInterpreter {
  private final Element document;
  private final Map<String, Element> dictionary = new HashMap<>();

  DomInterpreter(String pmml) throws Exception {
    document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(pmml)))
            .getDocumentElement();
    for (Element field : all(one(document, "DataDictionary"), "DataField")) {
      dictionary.put(field.getAttribute("name"), field);
    }
  }

  /** What a model says of a row. */
  private static final class Answer {
    @Nullable Object value;
    @Nullable String entity;
    Map<String, Double> probabilities = new LinkedHashMap<>();
    List<String> reasons = new ArrayList<>();
  }

  static List<Element> children(Element of) {
    List<Element> found = new ArrayList<>();
    for (Node n = of.getFirstChild(); n != null; n = n.getNextSibling()) {
      if (n instanceof Element e) {
        found.add(e);
      }
    }
    return found;
  }

  static List<Element> all(Element of, String name) {
    return children(of).stream().filter(e -> e.getTagName().equals(name)).toList();
  }

  static Element one(Element of, String name) {
    return all(of, name).getFirst();
  }

  private static double number(Element of, String attribute, double otherwise) {
    return of.hasAttribute(attribute) ? Double.parseDouble(of.getAttribute(attribute)) : otherwise;
  }

  /** Values by name, with those of the enclosing model. */
  private final class Fields {
    final Map<String, @Nullable Object> values = new HashMap<>();
    final Map<String, Element> derived = new HashMap<>();
    final @Nullable Fields outer;

    Fields(@Nullable Fields outer) {
      this.outer = outer;
    }

    @Nullable Object get(String name) {
      if (values.containsKey(name)) {
        return values.get(name);
      }
      if (derived.containsKey(name)) {
        return expression(children(derived.get(name)).getFirst(), this);
      }
      return outer == null ? null : outer.get(name);
    }

    @Nullable Double number(String name) {
      return (Double) get(name);
    }
  }

  /** The outputs for a row by name. */
  Map<String, @Nullable Object> run(Map<String, ?> row) {
    Element model = children(document).getLast();
    Fields fields = new Fields(null);
    for (Element field : all(one(model, "MiningSchema"), "MiningField")) {
      if (!field.getAttribute("usageType").equals("target")) {
        String name = field.getAttribute("name");
        fields.values.put(name, treat(field, row.get(name)));
      }
    }
    for (Element dictionary : all(document, "TransformationDictionary")) {
      all(dictionary, "DerivedField").forEach(d -> fields.derived.put(d.getAttribute("name"), d));
    }
    Map<String, @Nullable Object> outputs = new LinkedHashMap<>();
    run(model, fields, outputs);
    return outputs;
  }

  private @Nullable Object treat(Element field, @Nullable Object given) {
    Object value = given;
    Element data = dictionary.get(field.getAttribute("name"));
    boolean isString = data.getAttribute("dataType").equals("string");
    if (value != null) {
      Object seen = value;
      boolean isValid =
          all(data, "Value").isEmpty()
              || all(data, "Value").stream().anyMatch(v -> v.getAttribute("value").equals(seen));
      if (!isValid && field.getAttribute("invalidValueTreatment").equals("asMissing")) {
        value = null;
      } else if (value instanceof Double x) {
        double low = number(field, "lowValue", Double.NEGATIVE_INFINITY);
        double high = number(field, "highValue", Double.POSITIVE_INFINITY);
        if (x < low || x > high) {
          value =
              field.getAttribute("outliers").equals("asMissingValues")
                  ? null
                  : (Object) Math.min(high, Math.max(low, x));
        }
      }
    }
    if (value == null && field.hasAttribute("missingValueReplacement")) {
      String replacement = field.getAttribute("missingValueReplacement");
      return isString ? replacement : (Object) Double.valueOf(replacement);
    }
    return value;
  }

  private Answer run(Element model, Fields outer, Map<String, @Nullable Object> outputs) {
    Fields fields = new Fields(outer);
    for (Element local : all(model, "LocalTransformations")) {
      all(local, "DerivedField").forEach(d -> fields.derived.put(d.getAttribute("name"), d));
    }
    Answer answer =
        switch (model.getTagName()) {
          case "TreeModel" -> tree(model, fields);
          case "RegressionModel" -> regression(model, fields);
          case "MiningModel" -> mining(model, fields);
          case "Scorecard" -> scorecard(model, fields);
          case "ClusteringModel" -> clustering(model, fields);
          case "NaiveBayesModel" -> bayes(model, fields);
          case "GeneralRegressionModel" -> general(model, fields);
          default -> throw new AssertionError(model.getTagName());
        };
    target(model, answer);
    for (Element field : all(one(model, "MiningSchema"), "MiningField")) {
      if (field.getAttribute("usageType").equals("target")) {
        outputs.put(field.getAttribute("name"), answer.value);
      }
    }
    for (Element output : all(model, "Output")) {
      for (Element field : all(output, "OutputField")) {
        Object value =
            switch (field.getAttribute("feature")) {
              case "predictedValue" -> answer.value;
              case "probability", "affinity" ->
                  answer.probabilities.get(field.getAttribute("value"));
              case "entityId" -> answer.entity;
              case "reasonCode" -> {
                int rank = (int) number(field, "rank", 1);
                yield rank > answer.reasons.size() ? null : answer.reasons.get(rank - 1);
              }
              default -> expression(children(field).getFirst(), fields);
            };
        fields.values.put(field.getAttribute("name"), value);
        outputs.put(field.getAttribute("name"), value);
      }
    }
    return answer;
  }

  private static void target(Element model, Answer answer) {
    for (Element targets : all(model, "Targets")) {
      Element target = one(targets, "Target");
      if (answer.value instanceof Double x) {
        double clamped =
            Math.min(number(target, "max", 1e300), Math.max(number(target, "min", -1e300), x));
        double y =
            clamped * number(target, "rescaleFactor", 1) + number(target, "rescaleConstant", 0);
        answer.value =
            switch (target.getAttribute("castInteger")) {
              case "round" -> (double) Math.round(y);
              case "floor" -> Math.floor(y);
              case "ceiling" -> Math.ceil(y);
              default -> y;
            };
      }
    }
  }

  // Expressions

  private @Nullable Object expression(Element e, Fields fields) {
    Object result =
        switch (e.getTagName()) {
          case "FieldRef" -> fields.get(e.getAttribute("field"));
          case "Constant" ->
              e.getAttribute("dataType").equals("string")
                  ? e.getTextContent()
                  : (Object) Double.valueOf(e.getTextContent());
          case "NormContinuous" -> normContinuous(e, fields.number(e.getAttribute("field")));
          case "NormDiscrete" -> {
            Object x = fields.get(e.getAttribute("field"));
            yield x == null ? null : (Object) (x.equals(e.getAttribute("value")) ? 1.0 : 0.0);
          }
          case "Discretize" -> discretize(e, fields.number(e.getAttribute("field")));
          case "MapValues" -> mapValues(e, fields);
          case "Apply" -> apply(e, fields);
          default -> throw new AssertionError(e.getTagName());
        };
    if (e.hasAttribute("mapMissingTo")
        && e.hasAttribute("field")
        && fields.get(e.getAttribute("field")) == null) {
      String text = e.getAttribute("mapMissingTo");
      boolean isText = e.getTagName().equals("Discretize");
      return isText ? text : (Object) Double.valueOf(text);
    }
    return result;
  }

  private static @Nullable Object normContinuous(Element e, @Nullable Double x) {
    if (x == null) {
      return null;
    }
    TreeMap<Double, Double> points = new TreeMap<>();
    all(e, "LinearNorm").forEach(n -> points.put(number(n, "orig", 0), number(n, "norm", 0)));
    boolean isOutside = x < points.firstKey() || x > points.lastKey();
    if (isOutside && e.getAttribute("outliers").equals("asMissingValues")) {
      return null;
    }
    if (isOutside && e.getAttribute("outliers").equals("asExtremeValues")) {
      return x < points.firstKey() ? points.firstEntry().getValue() : points.lastEntry().getValue();
    }
    var left = x < points.firstKey() ? points.firstEntry() : points.lowerEntry(x);
    left = left == null ? points.firstEntry() : left;
    if (left.getKey().equals(points.lastKey())) {
      left = points.lowerEntry(points.lastKey());
    }
    var right = points.higherEntry(left.getKey());
    double slope = (right.getValue() - left.getValue()) / (right.getKey() - left.getKey());
    return left.getValue() + slope * (x - left.getKey());
  }

  private static @Nullable Object discretize(Element e, @Nullable Double x) {
    if (x == null) {
      return null;
    }
    for (Element bin : all(e, "DiscretizeBin")) {
      Element i = one(bin, "Interval");
      double low = number(i, "leftMargin", Double.NEGATIVE_INFINITY);
      double high = number(i, "rightMargin", Double.POSITIVE_INFINITY);
      boolean isIn =
          switch (i.getAttribute("closure")) {
            case "openClosed" -> x > low && x <= high;
            case "closedOpen" -> x >= low && x < high;
            default -> x >= low && x <= high;
          };
      if (isIn) {
        return bin.getAttribute("binValue");
      }
    }
    return e.hasAttribute("defaultValue") ? e.getAttribute("defaultValue") : null;
  }

  private static @Nullable Object mapValues(Element e, Fields fields) {
    for (Element row : all(one(e, "InlineTable"), "row")) {
      boolean isMatch = true;
      for (Element pair : all(e, "FieldColumnPair")) {
        Object value = fields.get(pair.getAttribute("field"));
        if (value == null) {
          return null;
        }
        isMatch &= value.equals(one(row, pair.getAttribute("column")).getTextContent());
      }
      if (isMatch) {
        return Double.valueOf(one(row, e.getAttribute("outputColumn")).getTextContent());
      }
    }
    return e.hasAttribute("defaultValue") ? (Object) number(e, "defaultValue", 0) : null;
  }

  private @Nullable Object apply(Element e, Fields fields) {
    List<@Nullable Object> a = new ArrayList<>();
    children(e).forEach(child -> a.add(expression(child, fields)));
    if (e.hasAttribute("mapMissingTo") && a.contains(null)) {
      return number(e, "mapMissingTo", 0);
    }
    Object result = apply(e.getAttribute("function"), a);
    return result == null && e.hasAttribute("defaultValue")
        ? (Object) number(e, "defaultValue", 0)
        : result;
  }

  private static @Nullable Object apply(String function, List<@Nullable Object> a) {
    switch (function) {
      case "isMissing":
        return a.getFirst() == null;
      case "min", "max", "avg":
        double[] there = a.stream().filter(x -> x != null).mapToDouble(x -> (Double) x).toArray();
        if (there.length == 0) {
          return null;
        }
        return switch (function) {
          case "min" -> Arrays.stream(there).min().getAsDouble();
          case "max" -> Arrays.stream(there).max().getAsDouble();
          default -> Arrays.stream(there).average().getAsDouble();
        };
      case "or":
        return a.contains(true) ? (Boolean) true : a.contains(null) ? null : (Boolean) false;
      case "and":
        return a.contains(false) ? (Boolean) false : a.contains(null) ? null : (Boolean) true;
      case "if":
        return a.getFirst() == null ? null : (Boolean) a.getFirst() ? a.get(1) : a.get(2);
      default:
        break;
    }
    if (a.contains(null)) {
      return null;
    }
    return switch (function) {
      case "equal" -> a.get(0).equals(a.get(1));
      case "lessThan" -> (Double) a.get(0) < (Double) a.get(1);
      case "+" -> finite((Double) a.get(0) + (Double) a.get(1));
      case "-" -> finite((Double) a.get(0) - (Double) a.get(1));
      case "*" -> finite((Double) a.get(0) * (Double) a.get(1));
      case "exp" -> finite(Math.exp((Double) a.get(0)));
      case "ln" -> finite(Math.log((Double) a.get(0)));
      case "uppercase" -> ((String) a.get(0)).toUpperCase(java.util.Locale.ROOT);
      case "concat" -> (String) a.get(0) + a.get(1);
      default -> throw new AssertionError(function);
    };
  }

  private static @Nullable Object finite(double x) {
    return Double.isFinite(x) ? (Object) x : null;
  }

  // Predicates

  private @Nullable Boolean predicate(Element owner, Fields fields) {
    for (Element child : children(owner)) {
      if (child.getTagName().matches("True|False|.*Predicate")) {
        return test(child, fields);
      }
    }
    throw new AssertionError("no predicate");
  }

  private @Nullable Boolean test(Element p, Fields fields) {
    switch (p.getTagName()) {
      case "True":
        return true;
      case "False":
        return false;
      case "CompoundPredicate":
        List<@Nullable Object> parts = new ArrayList<>();
        children(p).forEach(child -> parts.add(test(child, fields)));
        return switch (p.getAttribute("booleanOperator")) {
          case "and", "or" -> (Boolean) apply(p.getAttribute("booleanOperator"), parts);
          case "xor" -> parts.contains(null) ? null : Collections.frequency(parts, true) % 2 == 1;
          default -> (Boolean) parts.stream().filter(x -> x != null).findFirst().orElse(null);
        };
      default:
        break;
    }
    Object x = fields.get(p.getAttribute("field"));
    if (p.getTagName().equals("SimpleSetPredicate")) {
      if (x == null) {
        return null;
      }
      List<String> set = Arrays.asList(one(p, "Array").getTextContent().split(" "));
      return set.contains(x) == p.getAttribute("booleanOperator").equals("isIn");
    }
    String operator = p.getAttribute("operator");
    if (operator.endsWith("issing")) {
      return (x == null) == operator.equals("isMissing");
    }
    if (x == null) {
      return null;
    }
    String value = p.getAttribute("value");
    if (x instanceof String) {
      return x.equals(value) == operator.equals("equal");
    }
    // Adding 0 makes -0 a 0, from which compare would tell it apart.
    int order = Double.compare((Double) x + 0, Double.parseDouble(value) + 0);
    return switch (operator) {
      case "lessThan" -> order < 0;
      case "lessOrEqual" -> order <= 0;
      case "greaterThan" -> order > 0;
      case "greaterOrEqual" -> order >= 0;
      case "equal" -> order == 0;
      default -> order != 0;
    };
  }

  // Models

  private Answer tree(Element model, Fields fields) {
    Element node = one(model, "Node");
    String strategy = model.getAttribute("missingValueStrategy");
    while (true) {
      Element next = null;
      boolean isUnknown = false;
      for (Element child : all(node, "Node")) {
        Boolean test = predicate(child, fields);
        isUnknown = test == null && !strategy.equals("none");
        if (isUnknown || Boolean.TRUE.equals(test)) {
          next = child;
          break;
        }
      }
      if (all(node, "Node").isEmpty() || isUnknown && strategy.equals("lastPrediction")) {
        return leaf(node, model);
      }
      if (next == null) {
        return model.getAttribute("noTrueChildStrategy").equals("returnLastPrediction")
            ? leaf(node, model)
            : new Answer();
      }
      if (isUnknown && strategy.equals("nullPrediction")) {
        return new Answer();
      }
      if (isUnknown) {
        String wanted = node.getAttribute("defaultChild");
        next =
            all(node, "Node").stream()
                .filter(child -> child.getAttribute("id").equals(wanted))
                .findFirst()
                .orElseThrow();
      }
      node = next;
    }
  }

  private static Answer leaf(Element node, Element model) {
    Answer answer = new Answer();
    answer.entity = node.getAttribute("id");
    boolean isNumber = model.getAttribute("functionName").equals("regression");
    String score = node.getAttribute("score");
    answer.value = isNumber ? Double.valueOf(score) : (Object) score;
    double total =
        all(node, "ScoreDistribution").stream().mapToDouble(d -> number(d, "recordCount", 0)).sum();
    for (Element d : all(node, "ScoreDistribution")) {
      answer.probabilities.put(d.getAttribute("value"), number(d, "recordCount", 0) / total);
    }
    return answer;
  }

  private static @Nullable Double table(Element table, Fields fields) {
    double sum = number(table, "intercept", 0);
    for (Element predictor : children(table)) {
      double term = number(predictor, "coefficient", 0);
      if (predictor.getTagName().equals("CategoricalPredictor")) {
        Object x = fields.get(predictor.getAttribute("name"));
        sum += predictor.getAttribute("value").equals(x) ? term : 0;
        continue;
      }
      if (predictor.getTagName().equals("NumericPredictor")) {
        Double x = fields.number(predictor.getAttribute("name"));
        if (x == null) {
          return null;
        }
        sum += term * Math.pow(x, number(predictor, "exponent", 1));
        continue;
      }
      for (Element factor : all(predictor, "FieldRef")) {
        Double x = fields.number(factor.getAttribute("field"));
        if (x == null) {
          return null;
        }
        term *= x;
      }
      sum += term;
    }
    return sum;
  }

  private static double inverse(String method, double y) {
    return switch (method) {
      case "logit", "softmax" -> 1 / (1 + Math.exp(-y));
      case "cloglog" -> 1 - Math.exp(-Math.exp(y));
      case "loglog" -> Math.exp(-Math.exp(-y));
      case "cauchit" -> 0.5 + Math.atan(y) / Math.PI;
      case "exp" -> Math.exp(y);
      default -> y;
    };
  }

  private static Answer regression(Element model, Fields fields) {
    Answer answer = new Answer();
    String method = model.getAttribute("normalizationMethod");
    List<Element> tables = all(model, "RegressionTable");
    double[] y = new double[tables.size()];
    for (int i = 0; i < y.length; i++) {
      Double sum = table(tables.get(i), fields);
      if (sum == null) {
        return answer;
      }
      y[i] = sum;
    }
    if (model.getAttribute("functionName").equals("regression")) {
      answer.value = inverse(method, y[0]);
      return answer;
    }
    double highest = Arrays.stream(y).max().getAsDouble();
    double[] p = new double[y.length];
    double rest = 1;
    for (int i = 0; i < p.length; i++) {
      p[i] = method.equals("softmax") ? Math.exp(y[i] - highest) : inverse(method, y[i]);
      rest -= i < p.length - 1 ? p[i] : 0;
    }
    double sum = Arrays.stream(p).sum();
    if (sum == 0) {
      return answer;
    }
    for (int i = 0; i < p.length; i++) {
      double probability =
          method.equals("softmax") || method.equals("simplemax") || p.length > 2
              ? p[i] / sum
              : i == p.length - 1 ? rest : p[i];
      answer.probabilities.put(tables.get(i).getAttribute("targetCategory"), probability);
    }
    pick(answer);
    return answer;
  }

  private static void pick(Answer answer) {
    answer.probabilities.forEach((category, probability) -> {
      Object best = answer.value;
      if (best == null || probability > answer.probabilities.get(best)) {
        answer.value = category;
      }
    });
  }

  private Answer mining(Element model, Fields fields) {
    Element segmentation = one(model, "Segmentation");
    String method = segmentation.getAttribute("multipleModelMethod");
    List<Answer> answers = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    Answer last = new Answer();
    for (Element segment : all(segmentation, "Segment")) {
      last = new Answer();
      if (Boolean.TRUE.equals(predicate(segment, fields))) {
        Map<String, @Nullable Object> named = new HashMap<>();
        last = run(children(segment).getLast(), fields, named);
        if (method.equals("selectFirst")) {
          return last;
        }
        if (method.equals("modelChain")) {
          fields.values.putAll(named);
        }
        answers.add(last);
        weights.add(method.startsWith("weighted") ? number(segment, "weight", 1) : 1);
      }
    }
    if (method.equals("modelChain")) {
      return last;
    }
    Answer whole = new Answer();
    if (answers.isEmpty() || answers.stream().anyMatch(answer -> answer.value == null)) {
      return whole;
    }
    double total = weights.stream().mapToDouble(w -> w).sum();
    if (model.getAttribute("functionName").equals("classification")) {
      List<String> categories =
          all(dictionary.get("y"), "Value").stream().map(v -> v.getAttribute("value")).toList();
      for (String category : categories) {
        double sum = 0;
        for (int i = 0; i < answers.size(); i++) {
          double vote =
              method.endsWith("ajorityVote")
                  ? category.equals(answers.get(i).value) ? 1 : 0
                  : answers.get(i).probabilities.getOrDefault(category, 0.0);
          sum += weights.get(i) * vote;
        }
        whole.probabilities.put(category, sum / total);
      }
      pick(whole);
      return whole;
    }
    double[] values = answers.stream().mapToDouble(a -> (Double) a.value).toArray();
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += weights.get(i) * values[i];
    }
    Arrays.sort(values);
    int middle = values.length / 2;
    whole.value =
        switch (method) {
          case "sum" -> sum;
          case "max" -> values[values.length - 1];
          case "median" ->
              values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
          default -> sum / total;
        };
    return whole;
  }

  private Answer scorecard(Element model, Fields fields) {
    Answer answer = new Answer();
    double sum = number(model, "initialScore", 0);
    Map<String, Double> reasons = new LinkedHashMap<>();
    int sign = model.getAttribute("reasonCodeAlgorithm").equals("pointsBelow") ? 1 : -1;
    for (Element characteristic : children(one(model, "Characteristics"))) {
      boolean isFound = false;
      for (Element attribute : all(characteristic, "Attribute")) {
        if (Boolean.TRUE.equals(predicate(attribute, fields))) {
          double score = number(attribute, "partialScore", 0);
          sum += score;
          reasons.merge(
              attribute.getAttribute("reasonCode"),
              sign * (number(characteristic, "baselineScore", 0) - score),
              Double::sum);
          isFound = true;
          break;
        }
      }
      if (!isFound) {
        return answer;
      }
    }
    answer.value = sum;
    reasons.entrySet().stream()
        .sorted((a, b) -> Double.compare(b.getValue(), a.getValue()))
        .forEach(entry -> answer.reasons.add(entry.getKey()));
    return answer;
  }

  private static Answer clustering(Element model, Fields fields) {
    Answer answer = new Answer();
    List<Element> clusterFields = all(model, "ClusteringField");
    double best = Double.POSITIVE_INFINITY;
    for (Element cluster : all(model, "Cluster")) {
      String[] center = one(cluster, "Array").getTextContent().split(" ");
      double sum = 0;
      int there = 0;
      for (int i = 0; i < center.length; i++) {
        Double x = fields.number(clusterFields.get(i).getAttribute("field"));
        if (x != null) {
          double difference = x - Double.parseDouble(center[i]);
          sum += number(clusterFields.get(i), "fieldWeight", 1) * difference * difference;
          there++;
        }
      }
      if (there > 0) {
        double distance = Math.sqrt(sum * center.length / there);
        answer.probabilities.put(cluster.getAttribute("id"), distance);
        if (distance < best) {
          best = distance;
          answer.value = cluster.getAttribute("id");
        }
      }
    }
    answer.entity = (String) answer.value;
    return answer;
  }

  private Answer bayes(Element model, Fields fields) {
    Answer answer = new Answer();
    double total = 0;
    for (Element count :
        all(one(one(model, "BayesOutput"), "TargetValueCounts"), "TargetValueCount")) {
      String category = count.getAttribute("value");
      double likelihood = number(count, "count", 0);
      for (Element input : all(one(model, "BayesInputs"), "BayesInput")) {
        Object x = fields.get(input.getAttribute("fieldName"));
        if (x instanceof Double number) {
          for (Element stat : all(one(input, "TargetValueStats"), "TargetValueStat")) {
            if (stat.getAttribute("value").equals(category)) {
              Element gauss = one(stat, "GaussianDistribution");
              double variance = number(gauss, "variance", 0);
              double distance = number - number(gauss, "mean", 0);
              likelihood *=
                  Math.exp(-distance * distance / (2 * variance))
                      / Math.sqrt(2 * Math.PI * variance);
            }
          }
        } else if (x instanceof String) {
          double all = 0;
          double own = Double.NaN;
          for (Element pair : all(input, "PairCounts")) {
            for (Element c : all(one(pair, "TargetValueCounts"), "TargetValueCount")) {
              if (c.getAttribute("value").equals(category)) {
                all += number(c, "count", 0);
                own = pair.getAttribute("value").equals(x) ? number(c, "count", 0) : own;
              }
            }
          }
          if (!Double.isNaN(own)) {
            likelihood *= own == 0 ? number(model, "threshold", 0) : own / all;
          }
        }
      }
      answer.probabilities.put(category, likelihood);
      total += likelihood;
    }
    double sum = total;
    answer.probabilities.replaceAll((category, likelihood) -> likelihood / sum);
    pick(answer);
    return answer;
  }

  private static Answer general(Element model, Fields fields) {
    Answer answer = new Answer();
    Map<String, Double> sums = new LinkedHashMap<>();
    for (Element cell : all(one(model, "ParamMatrix"), "PCell")) {
      double product = number(cell, "beta", 0);
      for (Element factor : all(one(model, "PPMatrix"), "PPCell")) {
        if (factor.getAttribute("parameterName").equals(cell.getAttribute("parameterName"))) {
          Object x = fields.get(factor.getAttribute("predictorName"));
          if (x == null) {
            return answer;
          }
          product *=
              x instanceof Double number
                  ? Math.pow(number, number(factor, "value", 1))
                  : x.equals(factor.getAttribute("value")) ? 1 : 0;
        }
      }
      sums.merge(cell.getAttribute("targetCategory"), product, Double::sum);
    }
    if (model.getAttribute("functionName").equals("regression")) {
      double eta = sums.get("") + number(model, "offsetValue", 0);
      String link = model.getAttribute("linkFunction");
      answer.value = inverse(link.equals("log") ? "exp" : link, eta);
      return answer;
    }
    sums.put(model.getAttribute("targetReferenceCategory"), 0.0);
    double total = sums.values().stream().mapToDouble(Math::exp).sum();
    sums.forEach((category, sum) -> answer.probabilities.put(category, Math.exp(sum) / total));
    pick(answer);
    return answer;
  }
}
