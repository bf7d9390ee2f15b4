package io.salver.testkit.cases;

import static io.salver.testkit.cases.FlatWriter.table;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A random model of CatBoost, written in its two formats.
 *
 * @param borders by feature
 * @param nanTreatments by feature: 0 for as it is, 1 for below all borders, 2 for above
 * @param hasNans by feature: whether that counts, as training saw NaN
 * @param splits by tree: numbers of borders, counted through all features
 * @param leaves by tree: {@code [leaves, dimension]}
 */
@SuppressWarnings("ArrayRecordComponent")
public record CatBoostFiles(
    float[][] borders,
    int[] nanTreatments,
    boolean[] hasNans,
    List<int[]> splits,
    List<double[]> leaves,
    double scale,
    double[] bias) {
  /** The features of a row. */
  public static final int FEATURES = 4;

  /** A model with as many sums for a row as {@code dimension} says. */
  public static CatBoostFiles random(Random random, int dimension) {
    float[][] borders = new float[FEATURES][];
    int[] nanTreatments = new int[FEATURES];
    boolean[] hasNans = new boolean[FEATURES];
    int total = 0;
    for (int i = 0; i < FEATURES; i++) {
      borders[i] = new float[1 + random.nextInt(4)];
      nanTreatments[i] = random.nextInt(3);
      hasNans[i] = random.nextInt(4) > 0;
      for (int j = 0; j < borders[i].length; j++) {
        borders[i][j] = j - 1.5f + random.nextInt(8) / 8f;
      }
      total += borders[i].length;
    }
    List<int[]> splits = new ArrayList<>();
    List<double[]> leaves = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(8); i++) {
      int borderCount = total;
      int[] tree = random.ints(random.nextInt(5), 0, borderCount).toArray();
      splits.add(tree);
      leaves.add(random.doubles((long) dimension << tree.length, -1, 1).toArray());
    }
    double[] bias = random.doubles(dimension).toArray();
    return new CatBoostFiles(borders, nanTreatments, hasNans, splits, leaves, 0.5, bias);
  }

  /** A row, some of whose values are missing. */
  public static double[] row(Random random) {
    double[] row = new double[FEATURES];
    for (int i = 0; i < row.length; i++) {
      row[i] = random.nextInt(8) == 0 ? Double.NaN : random.nextInt(64) / 8.0 - 4;
    }
    return row;
  }

  /** The sums of a row. */
  public double[] sums(double[] row) {
    List<Boolean> answers = new ArrayList<>();
    for (int i = 0; i < FEATURES; i++) {
      for (float border : borders[i]) {
        answers.add(
            Double.isNaN(row[i]) ? hasNans[i] && nanTreatments[i] == 2 : (float) row[i] > border);
      }
    }
    double[] sums = new double[bias.length];
    for (int tree = 0; tree < splits.size(); tree++) {
      int leaf = 0;
      for (int i = 0; i < splits.get(tree).length; i++) {
        leaf |= answers.get(splits.get(tree)[i]) ? 1 << i : 0;
      }
      for (int i = 0; i < sums.length; i++) {
        sums[i] += leaves.get(tree)[leaf * sums.length + i];
      }
    }
    for (int i = 0; i < sums.length; i++) {
      sums[i] = sums[i] * scale + bias[i];
    }
    return sums;
  }

  private String loss() {
    return bias.length == 1 ? "Logloss" : "MultiClass";
  }

  /** The model as a .cbm file. */
  public byte[] binary() {
    List<Map<Integer, Object>> features = new ArrayList<>();
    for (int i = 0; i < FEATURES; i++) {
      features.add(
          table(
              0,
              (byte) (hasNans[i] ? 1 : 0),
              1,
              i,
              2,
              i,
              3,
              borders[i],
              5,
              (byte) nanTreatments[i]));
    }
    int[] sizes = splits.stream().mapToInt(tree -> tree.length).toArray();
    int[] starts = new int[sizes.length];
    for (int i = 1; i < starts.length; i++) {
      starts[i] = starts[i - 1] + sizes[i - 1];
    }
    Map<Integer, Object> trees =
        table(
            0,
            bias.length,
            1,
            splits.stream().flatMapToInt(Arrays::stream).toArray(),
            2,
            sizes,
            3,
            starts,
            5,
            features,
            8,
            leaves.stream().flatMapToDouble(Arrays::stream).toArray(),
            14,
            scale);
    trees.put(bias.length == 1 ? 15 : 16, bias.length == 1 ? (Object) bias[0] : bias);
    return binary(trees, loss());
  }

  /** A file with these trees. */
  public static byte[] binary(Map<Integer, Object> trees, String loss) {
    String parameters = "{\"loss_function\":{\"type\":\"" + loss + "\",\"params\":{}}}";
    Map<Integer, Object> core =
        table(0, "FlabuffersModel_v1", 1, trees, 2, List.of(table(0, "params", 1, parameters)));
    byte[] buffer = FlatWriter.write("", core);
    return ByteBuffer.allocate(8 + buffer.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("CBM1".getBytes(StandardCharsets.US_ASCII))
        .putInt(buffer.length)
        .put(buffer)
        .array();
  }

  /** The model as a JSON file. */
  public byte[] json() {
    String[] treatments = {"AsIs", "AsFalse", "AsTrue"};
    List<String> features = new ArrayList<>();
    List<String> questions = new ArrayList<>();
    for (int i = 0; i < FEATURES; i++) {
      features.add(
          "{\"borders\":%s,\"feature_index\":%d,\"flat_feature_index\":%d,\"nan_value_treatment\":\"%s\",\"has_nans\":%b}"
              .formatted(
                  Arrays.toString(borders[i]), i, i, treatments[nanTreatments[i]], hasNans[i]));
      for (float border : borders[i]) {
        questions.add(
            "{\"border\":%s,\"float_feature_index\":%d,\"split_type\":\"FloatFeature\"}"
                .formatted(border, i));
      }
    }
    List<String> trees = new ArrayList<>();
    for (int i = 0; i < splits.size(); i++) {
      List<String> own = new ArrayList<>();
      for (int split : splits.get(i)) {
        own.add(questions.get(split));
      }
      trees.add(
          "{\"leaf_values\":%s,\"splits\":%s}".formatted(Arrays.toString(leaves.get(i)), own));
    }
    return """
    {
    "features_info":{"float_features":%s},
    "model_info":{"params":{"loss_function":{"type":"%s"}}},
    "oblivious_trees":%s,
    "scale_and_bias":[%s,%s]}
    """
        .formatted(features, loss(), trees, scale, Arrays.toString(bias))
        .getBytes(StandardCharsets.UTF_8);
  }
}
