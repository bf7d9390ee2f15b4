package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what CatBoost saves with {@code format="json"}. */
final class CatBoostJson {
  private static final String TREES = "oblivious_trees";

  /** By number among the features that are floats: the column. */
  private final Map<Integer, Integer> columns = new HashMap<>();

  private final Map<Integer, Boolean> isNanGreater = new HashMap<>();

  private CatBoostJson() {}

  /**
   * The model of a document.
   *
   * @throws ModelLoadException if it is broken, or has features that are not numbers
   */
  static TreesDefinition read(Value document) throws ModelLoadException {
    return new CatBoostJson().model(new Field(document, ""));
  }

  private TreesDefinition model(Field file) throws ModelLoadException {
    Field features = file.member("features_info");
    for (String kind :
        new String[] {"categorical_features", "text_features", "embedding_features"}) {
      Optional<Field> listed = features.find(kind);
      if (listed.isPresent() && !listed.get().elements().isEmpty()) {
        throw CatBoostBinary.unsupported(kind);
      }
    }
    int featureCount = readFeatures(features.member("float_features").elements());
    if (file.find(TREES).isEmpty()) {
      throw CatBoostBinary.asymmetric();
    }
    List<Field> trees = file.member(TREES).elements();
    double scale = 1;
    double[] bias = {0};
    Optional<Field> pair = file.find("scale_and_bias");
    if (pair.isPresent()) {
      switch (pair.get().value()) {
        case Value.Numbers(double[] both) when both.length == 2 -> {
          scale = both[0];
          bias = new double[] {both[1]};
        }
        case Value.Items(List<Value> list)
            when list.size() == 2 && list.get(0) instanceof Value.Single(double first) -> {
          scale = first;
          bias = new Field(list.get(1), "scale_and_bias[1]").numbers();
        }
        default -> throw new ModelLoadException("scale_and_bias: (expected: [scale, [biases]])");
      }
    }
    CatBoostTrees built = new CatBoostTrees(featureCount, Math.max(1, dimension(trees, bias)));
    for (Field tree : trees) {
      built.add(splits(tree), tree.member("leaf_values").numbers(), 0);
    }
    return built.build(scale, bias, loss(file));
  }

  private int readFeatures(List<Field> features) throws ModelLoadException {
    int featureCount = 0;
    for (Field feature : features) {
      int column = feature.member("flat_feature_index").integer(0);
      int number = feature.member("feature_index").integer(0);
      columns.put(number, column);
      Optional<Field> nan = feature.find("nan_value_treatment");
      boolean hasNans =
          feature.find("has_nans").map(Field::value).orElse(new Value.Single(0))
                  instanceof Value.Single(double flag)
              && flag != 0;
      isNanGreater.put(number, hasNans && nan.isPresent() && nan.get().text().equals("AsTrue"));
      featureCount = Math.max(featureCount, column + 1);
    }
    return featureCount;
  }

  private static int dimension(List<Field> trees, double[] bias) throws ModelLoadException {
    if (trees.isEmpty()) {
      return bias.length;
    }
    int values = trees.get(0).member("leaf_values").numbers().length;
    int depth = trees.get(0).member("splits").elements().size();
    return values >> Math.min(depth, Integer.SIZE - 2);
  }

  private CatBoostTrees.Split[] splits(Field tree) throws ModelLoadException {
    List<Field> listed = tree.member("splits").elements();
    CatBoostTrees.Split[] splits = new CatBoostTrees.Split[listed.size()];
    for (int i = 0; i < splits.length; i++) {
      Field split = listed.get(i);
      String type = split.member("split_type").text();
      if (!type.equals("FloatFeature")) {
        throw CatBoostBinary.unsupported(split.where() + ", split_type " + type);
      }
      int number = split.member("float_feature_index").integer(0);
      Integer column = columns.get(number);
      if (column == null
          || !(split.member("border").value() instanceof Value.Single(double border))) {
        throw new ModelLoadException(
            split.where()
                + ": feature "
                + number
                + " (expected: one that is listed, and a border)");
      }
      splits[i] =
          new CatBoostTrees.Split(column, (float) border, isNanGreater.getOrDefault(number, false));
    }
    return splits;
  }

  private static String loss(Field file) throws ModelLoadException {
    Optional<Field> info = file.find("model_info");
    Optional<Field> parameters = info.isPresent() ? info.get().find("params") : Optional.empty();
    if (parameters.isEmpty()) {
      return "";
    }
    return parameters.get().value() instanceof Value.Text(String text)
        ? lossOf(text)
        : loss(parameters.get().find("loss_function"));
  }

  /** The loss function that CatBoost's parameters name. */
  static String lossOf(String parameters) throws ModelLoadException {
    Value read = JsonReader.read(parameters.getBytes(StandardCharsets.UTF_8));
    return loss(new Field(read, "params").find("loss_function"));
  }

  private static String loss(Optional<Field> function) throws ModelLoadException {
    return function.isPresent() ? function.get().member("type").text() : "";
  }
}
