package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Compiles a {@code ClusteringModel} whose clusters have centers. */
final class ClusteringCompiler {
  private ClusteringCompiler() {}

  /** The scorer of a {@code ClusteringModel}. */
  static Scored compile(ModelContext context) throws ModelLoadException {
    Element model = context.element();
    model.checkChildren(
        "MiningSchema",
        "Output",
        "Targets",
        "LocalTransformations",
        "ComparisonMeasure",
        "ClusteringField",
        "MissingValueWeights",
        "Cluster");
    if (!model.get("modelClass").equals("centerBased")) {
      throw model.wrong("modelClass: \"" + model.get("modelClass") + "\" (expected: centerBased)");
    }
    Element measure = model.child("ComparisonMeasure");
    List<Element> fields =
        model.children("ClusteringField").stream()
            .filter(field -> !field.get("isCenterField", "true").equals("false"))
            .toList();
    double[][] centers = centers(model, fields.size());
    Set<Double> ids = ids(model, context.build());
    Result result =
        Result.of(
            DataType.STRING,
            ids.stream().mapToDouble(Double::doubleValue).toArray(),
            0,
            context.build());
    boolean isSimilarity = measure.choice("kind", "distance", "similarity").equals("similarity");
    Distance distance = distance(measure, fields, model, context);
    Scorer scorer = new Clusters(distance, centers, isSimilarity, result);
    return context.scored(scorer, result);
  }

  private static Set<Double> ids(Element model, Build build) throws ModelLoadException {
    Set<Double> ids = new LinkedHashSet<>();
    for (Element cluster : model.children("Cluster")) {
      String id = cluster.get("id", Integer.toString(ids.size() + 1));
      if (!ids.add((double) build.texts().code(id))) {
        throw cluster.wrong("id: \"" + id + "\" (expected: one that is not taken)");
      }
    }
    return ids;
  }

  private static double[][] centers(Element model, int fieldCount) throws ModelLoadException {
    List<Element> clusters = model.children("Cluster");
    double[][] centers = new double[clusters.size()][];
    for (int i = 0; i < centers.length; i++) {
      clusters.get(i).checkChildren("Array", "KohonenMap", "Covariances");
      Element array = clusters.get(i).child("Array");
      centers[i] = ArrayElement.numbers(array);
      if (centers[i].length != fieldCount) {
        throw array.wrong(centers[i].length + " numbers (expected: " + fieldCount + ")");
      }
    }
    if (centers.length == 0) {
      throw model.wrong("no <Cluster> (expected: at least 1)");
    }
    return centers;
  }

  private static Distance distance(
      Element measure, List<Element> fields, Element model, ModelContext context)
      throws ModelLoadException {
    int count = fields.size();
    int[] slots = new int[count];
    double[] weights = new double[count];
    double[] scales = new double[count];
    Distance.Comparison[] comparisons = new Distance.Comparison[count];
    for (int i = 0; i < count; i++) {
      Element field = fields.get(i);
      Variable variable = context.scope().get(field.get("field"), field);
      if (variable.type() == DataType.STRING) {
        throw field.wrong("field \"" + field.get("field") + "\": a string (expected: a number)");
      }
      slots[i] = variable.slot();
      weights[i] = field.number("fieldWeight", 1);
      scales[i] = field.number("similarityScale", 1);
      comparisons[i] = comparison(field, measure.get("compareFunction", "absDiff"));
    }
    double[] missing = new double[count];
    Arrays.fill(missing, 1);
    Optional<Element> given = model.find("MissingValueWeights");
    if (given.isPresent()) {
      missing = ArrayElement.numbers(given.get().child("Array"));
      if (missing.length != count) {
        throw given.get().wrong(missing.length + " weights (expected: " + count + ")");
      }
    }
    Distance.Sum sum = null;
    double power = 1;
    for (Element child : measure.children()) {
      sum =
          switch (child.name()) {
            case "euclidean" -> Distance.Sum.EUCLIDEAN;
            case "squaredEuclidean" -> Distance.Sum.SQUARED;
            case "chebychev" -> Distance.Sum.LARGEST;
            case "cityBlock" -> Distance.Sum.PLAIN;
            case "minkowski" -> Distance.Sum.POWER;
            default ->
                throw child.wrong(
                    "is not supported (expected: euclidean, squaredEuclidean, chebychev, cityBlock"
                        + " or minkowski)");
          };
      power = child.is("minkowski") ? child.number("p-parameter") : 1;
    }
    if (sum == null) {
      throw measure.wrong("no measure (expected: one)");
    }
    return new Distance(sum, power, slots, weights, comparisons, scales, missing);
  }

  private static Distance.Comparison comparison(Element field, String otherwise)
      throws ModelLoadException {
    String function = field.get("compareFunction", otherwise);
    return switch (function) {
      case "absDiff" -> Distance.Comparison.DIFFERENCE;
      case "gaussSim" -> Distance.Comparison.GAUSS;
      case "delta" -> Distance.Comparison.DELTA;
      case "equal" -> Distance.Comparison.EQUAL;
      default ->
          throw field.wrong(
              "compareFunction: \""
                  + function
                  + "\" (expected: absDiff, gaussSim, delta or equal)");
    };
  }
}
