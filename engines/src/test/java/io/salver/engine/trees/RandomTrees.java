package io.salver.engine.trees;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Random trees, written in the files' formats, and what they answer by plain recursion. */
final class RandomTrees {
  static final int FEATURES = 5;
  private static final int CATEGORIES = 70;

  private RandomTrees() {}

  /** A node; a leaf has no children. */
  record Node(
      int feature,
      float number,
      boolean isDefaultLeft,
      int missing,
      Set<Integer> categories,
      @Nullable Node left,
      @Nullable Node right) {
    boolean isLeaf() {
      return left == null;
    }
  }

  static List<Node> forest(Random random, int treeCount, boolean withCategories) {
    List<Node> trees = new ArrayList<>();
    for (int i = 0; i < treeCount; i++) {
      trees.add(tree(random, random.nextInt(7), withCategories));
    }
    return trees;
  }

  private static Node tree(Random random, int depth, boolean withCategories) {
    if (depth == 0 || random.nextInt(8) == 0) {
      return new Node(0, (float) random.nextGaussian(), false, 0, Set.of(), null, null);
    }
    Set<Integer> categories = new TreeSet<>();
    if (withCategories && random.nextInt(3) == 0) {
      for (int i = 0; i <= random.nextInt(5); i++) {
        categories.add(random.nextInt(CATEGORIES));
      }
    }
    return new Node(
        random.nextInt(FEATURES),
        random.nextInt(4) == 0 ? 0 : random.nextInt(9) - 4 + random.nextInt(2) * 0.5f,
        random.nextBoolean(),
        random.nextInt(3),
        categories,
        tree(random, depth - 1, withCategories),
        tree(random, depth - 1, withCategories));
  }

  static double[] row(Random random) {
    double[] row = new double[FEATURES];
    for (int i = 0; i < row.length; i++) {
      row[i] =
          switch (random.nextInt(6)) {
            case 0 -> Double.NaN;
            case 1 -> 0;
            case 2 -> random.nextInt(CATEGORIES + 5) - 2;
            case 3 -> random.nextInt(9) - 4 + random.nextInt(2) * 0.5;
            default -> (float) random.nextGaussian() * 4;
          };
    }
    return row;
  }

  /** The leaf by XGBoost's rules. */
  static float xgboost(Node node, double[] row) {
    if (node.left() == null || node.right() == null) {
      return node.number();
    }
    float x = (float) row[node.feature()];
    boolean isLeft;
    if (Float.isNaN(x)) {
      isLeft = node.isDefaultLeft();
    } else if (!node.categories().isEmpty()) {
      isLeft = x < 0 || !node.categories().contains((int) x);
    } else {
      isLeft = x < node.number();
    }
    return xgboost(isLeft ? node.left() : node.right(), row);
  }

  /** The leaf by LightGBM's rules. */
  static double lightgbm(Node node, double[] row) {
    if (node.left() == null || node.right() == null) {
      return node.number();
    }
    double x = row[node.feature()];
    boolean isLeft;
    if (!node.categories().isEmpty()) {
      isLeft = !Double.isNaN(x) && (int) x >= 0 && node.categories().contains((int) x);
    } else {
      double known = Double.isNaN(x) && node.missing() != 2 ? 0 : x;
      boolean isMissing = Double.isNaN(known) || node.missing() == 1 && Math.abs(known) <= 1e-35f;
      isLeft = isMissing ? node.isDefaultLeft() : known <= node.number();
    }
    return lightgbm(isLeft ? node.left() : node.right(), row);
  }

  /** The nodes of a tree, parents first. */
  private static List<Node> nodes(Node root) {
    List<Node> nodes = new ArrayList<>(List.of(root));
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (node.left() != null && node.right() != null) {
        nodes.add(node.left());
        nodes.add(node.right());
      }
    }
    return nodes;
  }

  private static int indexOf(List<Node> nodes, @Nullable Node wanted) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i) == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static <T> String joined(List<T> list, String separator, Function<T, Object> text) {
    return list.stream().map(e -> text.apply(e).toString()).collect(Collectors.joining(separator));
  }

  static byte[] json(List<Node> trees, String objective, String baseScore, int classes) {
    String all = joined(trees, ",", RandomTrees::jsonTree);
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < trees.size(); i++) {
      numbers.add(i % Math.max(1, classes));
    }
    return """
    {"learner":{"attributes":{},"gradient_booster":{"model":{"gbtree_model_param":{
    "num_trees":"%d","num_parallel_tree":"1"},"tree_info":%s,"trees":[%s]},"name":"gbtree"},
    "learner_model_param":{"base_score":"%s","num_class":"%d","num_feature":"%d"},
    "objective":{"name":"%s"}},"version":[2,0,3]}
    """
        .formatted(trees.size(), numbers, all, baseScore, classes, FEATURES, objective)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String jsonTree(Node root) {
    List<Node> nodes = nodes(root);
    List<Integer> categorical = new ArrayList<>();
    List<Integer> starts = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    List<Integer> categories = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      Set<Integer> set = nodes.get(i).categories();
      if (!set.isEmpty()) {
        categorical.add(i);
        starts.add(categories.size());
        sizes.add(set.size());
        categories.addAll(set);
      }
    }
    return """
    {"categories":%s,"categories_nodes":%s,"categories_segments":%s,"categories_sizes":%s,
    "default_left":[%s],"id":0,"left_children":[%s],"right_children":[%s],
    "split_conditions":[%s],"split_indices":[%s],"split_type":[%s],
    "tree_param":{"num_nodes":"%d","size_leaf_vector":"0"}}\
    """
        .formatted(
            categories,
            categorical,
            starts,
            sizes,
            joined(nodes, ",", n -> n.isDefaultLeft()),
            joined(nodes, ",", n -> indexOf(nodes, n.left())),
            joined(nodes, ",", n -> indexOf(nodes, n.right())),
            joined(nodes, ",", n -> n.number()),
            joined(nodes, ",", n -> n.feature()),
            joined(nodes, ",", n -> n.categories().isEmpty() ? 0 : 1),
            nodes.size());
  }

  static byte[] binary(List<Node> trees, String objective, float baseScore) {
    ByteBuffer out = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    out.put("binf".getBytes(StandardCharsets.US_ASCII));
    out.putFloat(baseScore).putInt(FEATURES).putInt(0).putInt(0).putInt(0).putInt(1).putInt(7);
    out.position(4 + 136);
    for (String name : List.of(objective, "gbtree")) {
      out.putLong(name.length()).put(name.getBytes(StandardCharsets.US_ASCII));
    }
    int parameters = out.position();
    out.putInt(trees.size()).putInt(1);
    out.position(parameters + 160);
    for (Node root : trees) {
      List<Node> nodes = nodes(root);
      int tree = out.position();
      out.putInt(1).putInt(nodes.size());
      out.position(tree + 148);
      for (Node node : nodes) {
        out.putInt(-1).putInt(indexOf(nodes, node.left())).putInt(indexOf(nodes, node.right()));
        out.putInt(node.feature() | (node.isDefaultLeft() ? 1 << 31 : 0)).putFloat(node.number());
      }
      out.position(out.position() + 16 * nodes.size());
    }
    out.position(out.position() + 4 * trees.size());
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  /** A document as UBJSON: arrays typed and counted, counted, or neither. */
  static byte[] ubjson(Value document, Random random) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write(document, new DataOutputStream(bytes), random);
    return bytes.toByteArray();
  }

  private static void write(Value value, DataOutputStream out, Random random) throws IOException {
    switch (value) {
      case Value.Members(Map<String, Value> byName) -> {
        out.writeByte('{');
        for (Map.Entry<String, Value> member : byName.entrySet()) {
          string(member.getKey(), out);
          write(member.getValue(), out, random);
        }
        out.writeByte('}');
      }
      case Value.Items(List<Value> list) -> {
        out.writeByte('[');
        for (Value element : list) {
          write(element, out, random);
        }
        out.writeByte(']');
      }
      case Value.Numbers(double[] array) -> {
        boolean isTyped = random.nextBoolean();
        out.writeBytes(isTyped ? "[$D#L" : "[#L");
        out.writeLong(array.length);
        for (double number : array) {
          out.writeBytes(isTyped ? "" : "D");
          out.writeDouble(number);
        }
      }
      case Value.Text(String string) -> {
        out.writeByte('S');
        string(string, out);
      }
      case Value.Single(double number) -> {
        out.writeByte('D');
        out.writeDouble(number);
      }
      case Value.Null() -> out.writeByte('Z');
    }
  }

  private static void string(String string, DataOutputStream out) throws IOException {
    byte[] bytes = string.getBytes(StandardCharsets.UTF_8);
    out.writeByte('L');
    out.writeLong(bytes.length);
    out.write(bytes);
  }

  static byte[] text(List<Node> trees, String objective, int classes) {
    StringBuilder text =
        new StringBuilder(
            """
            tree
            version=v4
            num_class=%d
            num_tree_per_iteration=%d
            label_index=0
            max_feature_idx=%d
            objective=%s
            tree_sizes=%s

            """
                .formatted(
                    classes, classes, FEATURES - 1, objective, joined(trees, " ", n -> 100)));
    for (int i = 0; i < trees.size(); i++) {
      text.append("Tree=").append(i).append('\n').append(textTree(trees.get(i))).append("\n\n");
    }
    return text.append("end of trees\n\nfeature_importances:\n")
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String textTree(Node root) {
    List<Node> all = nodes(root);
    List<Node> splits = all.stream().filter(n -> !n.isLeaf()).toList();
    List<Node> leaves = all.stream().filter(Node::isLeaf).toList();
    List<Integer> bounds = new ArrayList<>(List.of(0));
    List<Long> words = new ArrayList<>();
    List<Object> thresholds = new ArrayList<>();
    for (Node node : splits) {
      thresholds.add(
          node.categories().isEmpty() ? (double) node.number() : (Object) (bounds.size() - 1));
      if (!node.categories().isEmpty()) {
        long[] set = new long[3];
        node.categories().forEach(c -> set[c / 32] |= 1L << c % 32);
        for (long word : set) {
          words.add(word);
        }
        bounds.add(words.size());
      }
    }
    return """
    num_leaves=%d
    num_cat=%d
    split_feature=%s
    threshold=%s
    decision_type=%s
    left_child=%s
    right_child=%s
    leaf_value=%s
    cat_boundaries=%s
    cat_threshold=%s
    is_linear=0
    shrinkage=1
    """
        .formatted(
            leaves.size(),
            bounds.size() - 1,
            joined(splits, " ", n -> n.feature()),
            joined(thresholds, " ", n -> n),
            joined(
                splits,
                " ",
                n ->
                    (n.categories().isEmpty() ? 0 : 1)
                        + (n.isDefaultLeft() ? 2 : 0)
                        + 4 * n.missing()),
            joined(splits, " ", n -> child(n.left(), splits, leaves)),
            joined(splits, " ", n -> child(n.right(), splits, leaves)),
            joined(leaves, " ", n -> (double) n.number()),
            joined(bounds, " ", n -> n),
            joined(words, " ", n -> n));
  }

  private static int child(@Nullable Node node, List<Node> splits, List<Node> leaves) {
    int split = indexOf(splits, node);
    return split >= 0 ? split : ~indexOf(leaves, node);
  }
}
