package io.salver.examples.trees;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes trees in XGBoost's JSON format.
 *
 * @see <a href="https://github.com/dmlc/xgboost/blob/master/doc/model.schema">The format</a>
 */
final class XgboostJson {
  /** XGBoost's parent of a tree's root. */
  private static final int ROOTS_PARENT = Integer.MAX_VALUE;

  private XgboostJson() {}

  static String write(List<String> names, float base, List<Tree> trees) {
    return """
    {"learner": {
    "attributes": {},
    "feature_names": [%s],
    "feature_types": [%s],
    "gradient_booster": {"model": {
    "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "%d"},
    "iteration_indptr": %s,
    "tree_info": %s,
    "trees": [
    %s
    ]}, "name": "gbtree"},
    "learner_model_param": {"base_score": "%s", "boost_from_average": "1", "num_class": "0", "num_feature": "%d", "num_target": "1"},
    "objective": {"name": "binary:logistic", "reg_loss_param": {"scale_pos_weight": "1"}}},
    "version": [2, 1, 0]}
    """
        .formatted(
            names.stream().map(name -> "\"" + name + "\"").collect(Collectors.joining(", ")),
            names.stream().map(name -> "\"float\"").collect(Collectors.joining(", ")),
            trees.size(),
            IntStream.rangeClosed(0, trees.size()).boxed().toList(),
            trees.stream().map(tree -> 0).toList(),
            IntStream.range(0, trees.size())
                .mapToObj(i -> tree(i, trees.get(i), names.size()))
                .collect(Collectors.joining(",\n")),
            base,
            names.size());
  }

  private static String tree(int number, Tree tree, int featureCount) {
    return """
    {"base_weights": %s, "categories": [], "categories_nodes": [], "categories_segments": [], "categories_sizes": [],
    "default_left": %s, "id": %d,
    "left_children": %s,
    "loss_changes": %s,
    "parents": %s,
    "right_children": %s,
    "split_conditions": %s,
    "split_indices": %s, "split_type": %s,
    "sum_hessian": %s,
    "tree_param": {"num_deleted": "0", "num_feature": "%d", "num_nodes": "%d", "size_leaf_vector": "1"}}\
    """
        .formatted(
            each(tree, Tree.Node::weight),
            each(tree, node -> node.missingLeft() ? 1 : 0),
            number,
            each(tree, Tree.Node::left),
            each(tree, Tree.Node::gain),
            each(tree, node -> node.parent() == Tree.NONE ? ROOTS_PARENT : node.parent()),
            each(tree, Tree.Node::right),
            each(tree, node -> node.isLeaf() ? node.weight() : node.threshold()),
            each(tree, Tree.Node::feature),
            each(tree, node -> 0),
            each(tree, Tree.Node::hessian),
            featureCount,
            tree.nodes().size());
  }

  private static String each(Tree tree, Function<Tree.Node, Number> value) {
    return tree.nodes().stream().map(value).toList().toString();
  }
}
