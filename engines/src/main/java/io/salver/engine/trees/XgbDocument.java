package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the document that XGBoost writes as JSON or as UBJSON since version 1.0. */
final class XgbDocument {
  private static final int[] SORTING_VERSION = {3, 4};

  private XgbDocument() {}

  /**
   * The model of a document.
   *
   * @throws ModelLoadException if something is missing, or contradicts something else
   */
  static TreesDefinition read(Value document) throws ModelLoadException {
    if (document instanceof Value.Items) {
      throw new ModelLoadException(
          "file: a list of trees, as Booster.dump_model writes it, without base score and"
              + " objective (expected: a model, as Booster.save_model writes it)");
    }
    Field learner = new Field(document, "").member("learner");
    XgbHead head = head(learner, objective(learner, new Field(document, "")));
    Field booster = learner.member("gradient_booster");
    String name = booster.member("name").text();
    return switch (name) {
      case "gbtree" -> trees(head, learner, booster.member("model"), booster.find("weight_drop"));
      case "dart" ->
          trees(
              head, learner, booster.member("gbtree").member("model"), booster.find("weight_drop"));
      case "gblinear" ->
          head.withWeights(floats(booster.member("model").member("weights").numbers()));
      default ->
          throw new ModelLoadException(
              booster.where() + ".name: \"" + name + "\" (expected: gbtree, dart or gblinear)");
    };
  }

  private static XgbHead head(Field learner, XgbObjective objective) throws ModelLoadException {
    Field parameters = learner.member("learner_model_param");
    int classes = parameters.member("num_class").integer(0);
    Optional<Field> targetCount = parameters.find("num_target");
    int targets = targetCount.isPresent() ? targetCount.get().integer(0) : 1;
    return XgbHead.of(
        parameters.member("num_feature").integer(0),
        Math.max(1, Math.max(classes, targets)),
        baseScores(parameters.member("base_score")),
        objective);
  }

  /** The objective; what it makes of quantiles depends on the version that wrote the file. */
  private static XgbObjective objective(Field learner, Field document) throws ModelLoadException {
    String name = learner.member("objective").member("name").text();
    Optional<Field> version = document.find("version");
    if (name.equals("reg:quantileerror") && version.isPresent()) {
      int[] parts = version.get().integers();
      if (Arrays.compare(parts, SORTING_VERSION) >= 0) {
        return XgbObjective.SORTED;
      }
    }
    return XgbObjective.of(name);
  }

  /** One number in a string, or since version 3.1 a list of them in brackets. */
  private static float[] baseScores(Field field) throws ModelLoadException {
    String text = field.text().strip();
    String list =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    String[] parts = list.split(",", -1);
    float[] scores = new float[parts.length];
    for (int i = 0; i < parts.length; i++) {
      try {
        scores[i] = Float.parseFloat(parts[i].strip());
      } catch (NumberFormatException e) {
        throw new ModelLoadException(
            field.where() + ": \"" + text + "\" (expected: a number, or [numbers])", e);
      }
    }
    return scores;
  }

  private static TreesDefinition trees(
      XgbHead head, Field learner, Field model, Optional<Field> boosterWeights)
      throws ModelLoadException {
    List<Field> trees = model.member("trees").elements();
    int[] groups = model.member("tree_info").integers(trees.size());
    float[] weights = weights(boosterWeights, model, trees.size());
    int used = usedTrees(learner, model, head, trees.size());
    ForestBuilder builder = new ForestBuilder(head.featureCount(), head.groupCount());
    XgbTree reader = new XgbTree();
    for (int i = 0; i < used; i++) {
      builder.add(reader.read(trees.get(i), weights[i]), groups[i]);
    }
    return head.withTrees(builder);
  }

  /** What the trees' leaves are multiplied by; 1 for trees that are not mentioned. */
  private static float[] weights(Optional<Field> ofBooster, Field model, int treeCount)
      throws ModelLoadException {
    Optional<Field> listed = ofBooster.isPresent() ? ofBooster : model.find("weight_drop");
    float[] weights = new float[treeCount];
    Arrays.fill(weights, 1);
    if (listed.isPresent()) {
      float[] some = floats(listed.get().numbers());
      if (some.length > treeCount) {
        throw new ModelLoadException(
            listed.get().where()
                + ": "
                + some.length
                + " weights (expected: at most "
                + treeCount
                + ", one for each tree)");
      }
      System.arraycopy(some, 0, weights, 0, some.length);
    }
    return weights;
  }

  /** The trees up to the best iteration, where training stopped early; all others. */
  private static int usedTrees(Field learner, Field model, XgbHead head, int treeCount)
      throws ModelLoadException {
    Optional<Field> attributes = learner.find("attributes");
    Optional<Field> best =
        attributes.isPresent() ? attributes.get().find("best_iteration") : Optional.empty();
    if (best.isEmpty()) {
      return treeCount;
    }
    int iterations = best.get().integer(0);
    Optional<Field> starts = model.find("iteration_indptr");
    if (starts.isPresent()) {
      int[] first = starts.get().integers();
      int used = iterations < first.length - 1 ? first[iterations + 1] : treeCount;
      if (used < 0 || used > treeCount) {
        throw new ModelLoadException(
            starts.get().where() + ": " + used + " (expected: 0 to " + treeCount + ")");
      }
      return used;
    }
    Optional<Field> parallel = model.member("gbtree_model_param").find("num_parallel_tree");
    long perIteration =
        (long) head.groupCount()
            * Math.max(1, parallel.isPresent() ? parallel.get().integer(0) : 1);
    return (int) Math.min(treeCount, (iterations + 1L) * perIteration);
  }

  private static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }
}
