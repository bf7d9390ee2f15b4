package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads CatBoost's own format: {@code CBM1}, a length, and a flatbuffer of that length.
 *
 * <p>The numbers are those of the fields of the tables {@code TModelCore}, {@code TModelTrees},
 * {@code TFloatFeature} and {@code TKeyValue} in CatBoost's schema.
 */
final class CatBoostBinary {
  static final String START = "CBM1";
  private static final int HEAD_BYTES = 8;

  /** So it is written in the files. */
  private static final String VERSION = "FlabuffersModel_v1";

  private static final int TREES = 1;
  private static final int INFO = 2;

  private static final int DIMENSION = 0;
  private static final int SPLITS = 1;
  private static final int SIZES = 2;
  private static final int FLOAT_FEATURES = 5;
  private static final int ONE_HOT_FEATURES = 6;
  private static final int CTR_FEATURES = 7;
  private static final int LEAF_VALUES = 8;
  private static final int STEPS = 10;
  private static final int TEXT_FEATURES = 12;
  private static final int ESTIMATED_FEATURES = 13;
  private static final int SCALE = 14;
  private static final int BIAS = 15;
  private static final int BIASES = 16;

  private static final int HAS_NANS = 0;
  private static final int FLAT_INDEX = 2;
  private static final int BORDERS = 3;
  private static final int NAN_TREATMENT = 5;
  private static final int NAN_AS_TRUE = 2;

  private CatBoostBinary() {}

  /** What is told of features that are no numbers. */
  static ModelLoadException unsupported(String kind) {
    return new ModelLoadException(
        kind
            + ": not supported (expected: features that are numbers; for others, save the model with"
            + " format=\"onnx\" or run it as a worker)");
  }

  /** What is told of trees whose levels ask different questions. */
  static ModelLoadException asymmetric() {
    return new ModelLoadException(
        "trees: not symmetric (expected: grow_policy SymmetricTree, as others are not supported)");
  }

  /**
   * The model of a file.
   *
   * @throws ModelLoadException if it is broken, or has features that are not numbers
   */
  static TreesDefinition read(byte[] file) throws ModelLoadException {
    FlatTable core = FlatTable.root(file, HEAD_BYTES);
    if (!core.text(0).equals(VERSION)) {
      throw new ModelLoadException(
          "format: \"" + core.text(0) + "\" (expected: \"" + VERSION + "\")");
    }
    FlatTable trees = core.table(TREES);
    refuse(trees, ONE_HOT_FEATURES, "categorical features");
    refuse(trees, CTR_FEATURES, "categorical features");
    refuse(trees, TEXT_FEATURES, "text features");
    refuse(trees, ESTIMATED_FEATURES, "text or embedding features");
    if (trees.length(STEPS) > 0) {
      throw asymmetric();
    }
    List<CatBoostTrees.Split> questions = new ArrayList<>();
    int featureCount = 0;
    for (FlatTable feature : trees.tables(FLOAT_FEATURES)) {
      int column = feature.integer(FLAT_INDEX, -1);
      if (column < 0 || column >= Forest.MAX_FEATURES) {
        throw new ModelLoadException(
            "feature: index " + column + " (expected: 0 to " + (Forest.MAX_FEATURES - 1) + ")");
      }
      featureCount = Math.max(featureCount, column + 1);
      boolean isNanGreater =
          feature.octet(HAS_NANS) != 0 && feature.octet(NAN_TREATMENT) == NAN_AS_TRUE;
      for (float border : feature.floats(BORDERS)) {
        questions.add(new CatBoostTrees.Split(column, border, isNanGreater));
      }
    }
    CatBoostTrees built = new CatBoostTrees(featureCount, trees.integer(DIMENSION, 0));
    addTrees(trees, questions, built);
    double[] biases = trees.doubles(BIASES);
    return built.build(
        trees.number(SCALE, 1),
        biases.length > 0 ? biases : new double[] {trees.number(BIAS, 0)},
        loss(core));
  }

  private static void addTrees(
      FlatTable trees, List<CatBoostTrees.Split> questions, CatBoostTrees built)
      throws ModelLoadException {
    int[] all = trees.integers(SPLITS);
    int[] sizes = trees.integers(SIZES);
    double[] values = trees.doubles(LEAF_VALUES);
    int dimension = trees.integer(DIMENSION, 0);
    int from = 0;
    int valuesFrom = 0;
    for (int tree = 0; tree < sizes.length; tree++) {
      if (sizes[tree] < 0 || sizes[tree] > all.length - from) {
        throw new ModelLoadException(
            "tree "
                + tree
                + ": "
                + sizes[tree]
                + " splits (expected: 0 to "
                + (all.length - from)
                + ")");
      }
      CatBoostTrees.Split[] splits = new CatBoostTrees.Split[sizes[tree]];
      for (int i = 0; i < splits.length; i++) {
        int question = all[from + i];
        if (question < 0 || question >= questions.size()) {
          throw new ModelLoadException(
              "tree "
                  + tree
                  + ": split "
                  + question
                  + " (expected: 0 to "
                  + (questions.size() - 1)
                  + ")");
        }
        splits[i] = questions.get(question);
      }
      built.add(splits, values, valuesFrom);
      from += splits.length;
      valuesFrom += dimension << splits.length;
    }
  }

  private static void refuse(FlatTable trees, int field, String kind) throws ModelLoadException {
    if (trees.length(field) > 0) {
      throw unsupported(kind);
    }
  }

  private static String loss(FlatTable core) throws ModelLoadException {
    for (FlatTable pair : core.tables(INFO)) {
      if (pair.text(0).equals("params")) {
        return CatBoostJson.lossOf(pair.text(1));
      }
    }
    return "";
  }
}
