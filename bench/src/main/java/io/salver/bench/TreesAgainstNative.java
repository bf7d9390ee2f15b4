package io.salver.bench;

import com.microsoft.ml.lightgbm.PredictionType;
import io.github.metarank.lightgbm4j.LGBMBooster;
import io.github.metarank.lightgbm4j.LGBMDataset;
import io.salver.tensor.Signature;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;

/**
 * The CPU time of a run on the calling thread: Salver's trees against XGBoost and LightGBM by their
 * own Java interfaces, both told to use one thread, on models that they train here. Rounds
 * alternate, and the median of each counts.
 */
public final class TreesAgainstNative {
  private static final int FEATURES = 20;
  private static final int TRAINING_ROWS = 5000;
  private static final int TREES = 100;
  private static final int ROUNDS = 15;
  private static final long ROUND_NS = 150_000_000;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private TreesAgainstNative() {}

  /** Something that answers rows. */
  private interface Runner {
    double[] run(float[] rows) throws Exception;
  }

  /** Prints a table. */
  public static void main(String[] arguments) throws Exception {
    Random random = new Random(1);
    float[] x = rows(random, TRAINING_ROWS);
    float[] y = new float[TRAINING_ROWS];
    for (int i = 0; i < y.length; i++) {
      float sum = 0;
      for (int j = 0; j < FEATURES; j++) {
        sum += x[i * FEATURES + j] * (j % 3 - 1) + x[i * FEATURES] * x[i * FEATURES + j];
      }
      y[i] = sum + (float) random.nextGaussian();
    }
    Path directory = Files.createTempDirectory("trees");
    System.out.printf("%s, %d trees%n", System.getProperty("os.arch"), TREES);
    System.out.printf("library rows native_us salver_us native/salver same%n");
    xgboost(directory.resolve("xgboost"), x, y);
    lightgbm(directory.resolve("lightgbm"), x, y);
  }

  private static float[] rows(Random random, int count) {
    float[] rows = new float[count * FEATURES];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextGaussian();
    }
    return rows;
  }

  private static void xgboost(Path version, float[] x, float[] y) throws Exception {
    DMatrix data = new DMatrix(x, TRAINING_ROWS, FEATURES, Float.NaN);
    data.setLabel(y);
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("max_depth", 6);
    parameters.put("nthread", 1);
    Booster booster = XGBoost.train(data, parameters, TREES, Map.of(), null, null);
    Files.createDirectories(version);
    booster.saveModel(version.resolve("model.json").toString());
    try (TreesLoop trees = new TreesLoop(version)) {
      compare(
          "xgboost",
          rows -> {
            float[][] answers =
                booster.inplace_predict(rows, rows.length / FEATURES, FEATURES, Float.NaN);
            double[] flat = new double[answers.length];
            for (int i = 0; i < flat.length; i++) {
              flat[i] = answers[i][0];
            }
            return flat;
          },
          rows -> trees.run(Signature.DEFAULT_NAME, rows, FEATURES));
    }
  }

  private static void lightgbm(Path version, float[] x, float[] y) throws Exception {
    String options = "num_leaves=63 verbosity=-1 num_threads=1 objective=regression";
    LGBMDataset data = LGBMDataset.createFromMat(x, TRAINING_ROWS, FEATURES, true, options, null);
    data.setField("label", y);
    LGBMBooster booster = LGBMBooster.create(data, options);
    for (int i = 0; i < TREES; i++) {
      booster.updateOneIter();
    }
    Files.createDirectories(version);
    Files.writeString(
        version.resolve("model.txt"),
        booster.saveModelToString(0, 0, LGBMBooster.FeatureImportanceType.SPLIT));
    try (TreesLoop trees = new TreesLoop(version)) {
      compare(
          "lightgbm",
          rows -> {
            int count = rows.length / FEATURES;
            if (count == 1) {
              return new double[] {
                booster.predictForMatSingleRow(rows, PredictionType.C_API_PREDICT_NORMAL)
              };
            }
            return booster.predictForMat(
                rows, count, FEATURES, true, PredictionType.C_API_PREDICT_NORMAL, "num_threads=1");
          },
          rows -> trees.run(Signature.DEFAULT_NAME, rows, FEATURES));
    }
  }

  private static void compare(String library, Runner theirs, Runner ours) throws Exception {
    for (int count : new int[] {1, 16, 256}) {
      float[] rows = rows(new Random(2), count);
      boolean isSame = Arrays.equals(theirs.run(rows), ours.run(rows));
      double[] theirNs = new double[ROUNDS];
      double[] ourNs = new double[ROUNDS];
      measure(theirs, rows);
      measure(ours, rows);
      for (int round = 0; round < ROUNDS; round++) {
        theirNs[round] = measure(theirs, rows);
        ourNs[round] = measure(ours, rows);
      }
      double their = median(theirNs) / 1000;
      double our = median(ourNs) / 1000;
      System.out.printf(
          "%s %d %.2f %.2f %.1f %b%n", library, count, their, our, their / our, isSame);
    }
  }

  /** The nanoseconds of this thread that a run takes. */
  private static double measure(Runner runner, float[] rows) throws Exception {
    long beginNs = THREADS.getCurrentThreadCpuTime();
    long runs = 0;
    long takenNs = 0;
    while (takenNs < ROUND_NS) {
      for (int i = 0; i < 16; i++) {
        runner.run(rows);
      }
      runs += 16;
      takenNs = THREADS.getCurrentThreadCpuTime() - beginNs;
    }
    return (double) takenNs / runs;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
