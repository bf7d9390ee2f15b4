package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import java.util.Map;
import java.util.StringTokenizer;

/** Reads the text that LightGBM saves a model as: a head, and a block of fields for each tree. */
final class LgbmText {
  private static final String TREE = "Tree=";
  private static final String END = "end of trees";

  /** More sums than any row of a sensible model has; bounds what a broken count allocates. */
  private static final int MAX_GROUPS = 1 << 20;

  private LgbmText() {}

  /**
   * The model of a file.
   *
   * @throws ModelLoadException if it is broken, or ends early
   */
  static TreesDefinition read(byte[] text) throws ModelLoadException {
    LgbmLines lines = new LgbmLines(text);
    LgbmFields head = new LgbmFields("head", lines.block("the head"));
    int groupCount =
        head.integer(
            head.has("num_tree_per_iteration") ? "num_tree_per_iteration" : "num_class", 1);
    int largestFeature = head.integer("max_feature_idx", -1);
    if (groupCount > MAX_GROUPS || largestFeature >= Forest.MAX_FEATURES) {
      throw new ModelLoadException(
          "head: "
              + groupCount
              + " trees in an iteration, "
              + largestFeature
              + " the largest feature (expected: at most "
              + MAX_GROUPS
              + " and "
              + (Forest.MAX_FEATURES - 1)
              + ")");
    }
    LgbmObjective objective =
        head.has("objective") ? LgbmObjective.of(head.text("objective")) : LgbmObjective.NONE;
    ForestBuilder builder = new ForestBuilder(largestFeature + 1, groupCount);
    int treeCount = trees(lines, head, builder, groupCount);
    int iterations = treeCount / groupCount;
    boolean isAverage = head.has("average_output") && iterations > 0;
    return new TreesDefinition(
        builder.build(new double[groupCount], false),
        isAverage ? iterations : 1,
        objective,
        DType.FLOAT64);
  }

  private static int trees(LgbmLines lines, LgbmFields head, ForestBuilder builder, int groupCount)
      throws ModelLoadException {
    int count = 0;
    String line = lines.next();
    while (line != null && !line.equals(END)) {
      if (line.startsWith(TREE)) {
        Map<String, String> fields = lines.block("tree " + count);
        builder.add(LgbmTree.read(new LgbmFields("tree " + count, fields)), count % groupCount);
        count++;
      } else if (!line.isEmpty()) {
        break;
      }
      line = lines.next();
    }
    boolean isOld = !head.has("version") || head.text("version").equals("v2");
    if (!isOld && (line == null || !line.equals(END))) {
      throw new ModelLoadException(
          "file: ends after tree " + (count - 1) + " (expected: \"" + END + "\")");
    }
    int expected =
        head.has("tree_sizes")
            ? new StringTokenizer(head.text("tree_sizes"), " ").countTokens()
            : count;
    if (count != expected || count % groupCount != 0) {
      throw new ModelLoadException(
          "file: "
              + count
              + " trees (expected: "
              + expected
              + ", a multiple of "
              + groupCount
              + ")");
    }
    return count;
  }
}
