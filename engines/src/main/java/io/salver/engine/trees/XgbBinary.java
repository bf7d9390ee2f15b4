package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Reads the binary format that XGBoost wrote until version 2.1: little-endian structures one after
 * the other, with or without {@code binf} in front; Spark's classifiers have the number of classes
 * there.
 */
final class XgbBinary {
  private static final int PREFIX_BYTES = 4;
  private static final int LEARNER_BYTES = 136;
  private static final int FOREST_BYTES = 160;
  private static final int LINEAR_BYTES = 136;
  private static final int TREE_BYTES = 148;
  private static final int NODE_BYTES = 20;

  /** Where a node's statistics have its sum of second derivatives. */
  private static final int HESSIAN_AT = Float.BYTES;

  private static final int STATISTICS_BYTES = 16;
  private static final int MAX_NAME_BYTES = 64;
  private static final byte[] MAGIC = {'b', 'i', 'n', 'f'};

  private final ByteBuffer data;

  private XgbBinary(byte[] data, int from) {
    this.data = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).position(from);
  }

  /** The bytes that {@link #start} wants to see. */
  static final int HEAD_BYTES = PREFIX_BYTES + LEARNER_BYTES + Long.BYTES + MAX_NAME_BYTES;

  /**
   * Where the structures begin, if it is this format.
   *
   * @param head the first bytes of the file
   */
  static OptionalInt start(byte[] head) {
    boolean isMarked =
        head.length >= MAGIC.length && Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    for (int from : new int[] {0, PREFIX_BYTES}) {
      if (hasObjective(head, from + LEARNER_BYTES) && (from > 0 || !isMarked)) {
        return OptionalInt.of(from);
      }
    }
    return isMarked ? OptionalInt.of(PREFIX_BYTES) : OptionalInt.empty();
  }

  private static boolean hasObjective(byte[] head, int at) {
    if (head.length < at + Long.BYTES) {
      return false;
    }
    long length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
    int nameAt = at + Long.BYTES;
    if (length < 1 || length > MAX_NAME_BYTES || length > head.length - nameAt) {
      return false;
    }
    String name = new String(head, nameAt, (int) length, StandardCharsets.ISO_8859_1);
    return name.matches("(reg|binary|multi|count|rank|survival):[a-z]+");
  }

  /**
   * The model of a file.
   *
   * @param from what {@link #start} said
   * @throws ModelLoadException if it is broken, or ends early
   */
  static TreesDefinition read(byte[] data, int from) throws ModelLoadException {
    return new XgbBinary(data, from).model();
  }

  private TreesDefinition model() throws ModelLoadException {
    ByteBuffer learner = take(LEARNER_BYTES, "the learner's parameters");
    float baseScore = learner.getFloat();
    int featureCount = learner.getInt();
    int classCount = learner.getInt();
    boolean hasAttributes = learner.getInt() != 0;
    learner.getInt();
    int major = learner.getInt();
    learner.getInt();
    int targetCount = learner.getInt();
    String objectiveName = string("the objective");
    String booster = string("the booster");
    XgbObjective objective = XgbObjective.of(objectiveName);
    boolean isOldScore = major < 1 && !objectiveName.startsWith("multi:");
    float score = isOldScore ? objective.answer(baseScore) : baseScore;
    XgbHead head =
        XgbHead.of(
            checked("num_feature", featureCount),
            Math.max(1, Math.max(checked("num_class", classCount), targetCount)),
            new float[] {score},
            objective);
    return switch (booster) {
      case "gbtree", "dart" -> trees(head, booster.equals("dart"), hasAttributes);
      case "gblinear" -> {
        take(LINEAR_BYTES, "the linear booster's parameters");
        yield head.withWeights(floats("the weights"));
      }
      default ->
          throw new ModelLoadException(
              "booster: \"" + booster + "\" (expected: gbtree, dart or gblinear)");
    };
  }

  private static int checked(String name, int count) throws ModelLoadException {
    if (count < 0) {
      throw new ModelLoadException(name + ": " + count + " (expected: >= 0)");
    }
    return count;
  }

  private TreesDefinition trees(XgbHead head, boolean isDart, boolean hasAttributes)
      throws ModelLoadException {
    ByteBuffer parameters = take(FOREST_BYTES, "the booster's parameters");
    int treeCount = parameters.getInt();
    int parallelCount = Math.max(1, parameters.getInt());
    if (treeCount < 0 || treeCount > data.remaining() / TREE_BYTES) {
      throw new ModelLoadException(
          "num_trees: "
              + treeCount
              + " (expected: 0 to "
              + data.remaining() / TREE_BYTES
              + ", for which there are bytes)");
    }
    int treesAt = data.position();
    for (int i = 0; i < treeCount; i++) {
      skipTree(i);
    }
    ByteBuffer groups = take((long) Integer.BYTES * treeCount, "the trees' groups");
    float[] weights = isDart && treeCount > 0 ? floats("the trees' weights") : ones(treeCount);
    if (weights.length != treeCount) {
      throw new ModelLoadException(
          "weight_drop: " + weights.length + " weights (expected: " + treeCount + ")");
    }
    long perIteration = (long) parallelCount * head.groupCount();
    long used = hasAttributes ? (bestIteration() + 1) * perIteration : 0;
    if (used <= 0 || used > treeCount) {
      used = treeCount;
    }
    data.position(treesAt);
    ForestBuilder builder = new ForestBuilder(head.featureCount(), head.groupCount());
    for (int i = 0; i < used; i++) {
      builder.add(tree(i, weights[i]), groups.getInt());
    }
    return head.withTrees(builder);
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private int nodeCount(int number) throws ModelLoadException {
    ByteBuffer parameters = take(TREE_BYTES, "tree " + number);
    parameters.getInt();
    int nodeCount = parameters.getInt();
    int bound = data.remaining() / (NODE_BYTES + STATISTICS_BYTES);
    if (nodeCount < 1 || nodeCount > bound) {
      throw new ModelLoadException(
          "tree "
              + number
              + ": num_nodes "
              + nodeCount
              + " (expected: 1 to "
              + bound
              + ", for which there are bytes)");
    }
    parameters.position(parameters.position() + 3 * Integer.BYTES);
    int vectorLength = parameters.getInt();
    if (vectorLength < 0 || vectorLength > 1) {
      throw new ModelLoadException(
          "tree " + number + ": size_leaf_vector " + vectorLength + " (expected: 0 or 1)");
    }
    return nodeCount;
  }

  private void skipTree(int number) throws ModelLoadException {
    int nodeCount = nodeCount(number);
    take((long) (NODE_BYTES + STATISTICS_BYTES) * nodeCount, "tree " + number);
  }

  private TreeNodes tree(int number, float weight) throws ModelLoadException {
    int count = nodeCount(number);
    ByteBuffer nodes = take((long) NODE_BYTES * count, "tree " + number);
    ByteBuffer statistics = take((long) STATISTICS_BYTES * count, "tree " + number);
    int[] left = new int[count];
    int[] right = new int[count];
    int[] feature = new int[count];
    double[] value = new double[count];
    byte[] flags = new byte[count];
    double[] cover = new double[count];
    for (int i = 0; i < count; i++) {
      nodes.getInt();
      left[i] = nodes.getInt();
      right[i] = nodes.getInt();
      int split = nodes.getInt();
      feature[i] = split & Integer.MAX_VALUE;
      flags[i] = (byte) (split < 0 ? Forest.NAN_LEFT : 0);
      cover[i] = statistics.getFloat(i * STATISTICS_BYTES + HESSIAN_AT);
      value[i] = XgbTree.value(nodes.getFloat(), left[i] == -1, weight);
    }
    return new TreeNodes(left, right, feature, value, flags, null, cover, null);
  }

  /** The best iteration of the attributes, or -1. */
  private long bestIteration() throws ModelLoadException {
    long count = length("the attributes", 2 * Long.BYTES);
    long best = -1;
    for (long i = 0; i < count; i++) {
      String name = string("an attribute's name");
      String value = string("an attribute");
      if (name.equals("best_iteration")) {
        try {
          best = Integer.parseInt(value);
        } catch (NumberFormatException e) {
          throw new ModelLoadException(
              "best_iteration: \"" + value + "\" (expected: a whole number)", e);
        }
      }
    }
    return best;
  }

  private String string(String what) throws ModelLoadException {
    ByteBuffer bytes = take(length(what, 1), what);
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }

  private float[] floats(String what) throws ModelLoadException {
    int count = (int) length(what, Float.BYTES);
    float[] floats = new float[count];
    take((long) Float.BYTES * count, what).asFloatBuffer().get(floats);
    return floats;
  }

  /** A count of things for which there are bytes. */
  private long length(String what, int elementBytes) throws ModelLoadException {
    long length = take(Long.BYTES, what).getLong();
    long bound = data.remaining() / elementBytes;
    if (length < 0 || length > bound) {
      throw new ModelLoadException(
          what
              + ": length "
              + length
              + " before byte "
              + data.position()
              + " (expected: 0 to "
              + bound
              + ", for which there are bytes)");
    }
    return length;
  }

  private ByteBuffer take(long bytes, String what) throws ModelLoadException {
    if (bytes > data.remaining()) {
      throw new ModelLoadException(
          "file: ends at byte "
              + data.limit()
              + " in "
              + what
              + " (expected: "
              + (bytes - data.remaining())
              + " bytes more)");
    }
    ByteBuffer part = data.slice(data.position(), (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    data.position(data.position() + (int) bytes);
    return part;
  }
}
