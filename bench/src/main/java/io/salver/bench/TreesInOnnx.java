package io.salver.bench;

import io.salver.engine.Batch;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.onnx.OnnxEngine;
import io.salver.engine.trees.TreesEngine;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.wire.ProtoWriter;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The same random trees as XGBoost's JSON, run by the tree evaluator, and as a
 * TreeEnsembleRegressor, run by ONNX Runtime, one thread each: what it would bring to run the
 * latter by the former. Prints CPU time, in turns in one process, for each size of model and batch.
 */
public final class TreesInOnnx {
  private static final int SEED = 20_261_127;
  private static final int FEATURES = 30;
  private static final int ROUNDS = 9;
  private static final long ROUND_NS = 200_000_000;
  private static final int RUNS_BETWEEN_LOOKS = 20;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int FLOATS = 6;
  private static final int INTS = 7;
  private static final int STRINGS = 8;

  /** Complete trees of one depth. Node i has the children 2 i + 1 and 2 i + 2. */
  private record Trees(int count, int depth, int[][] features, float[][] values) {
    static Trees random(int count, int depth) {
      SplittableRandom random = new SplittableRandom(SEED);
      int nodes = (1 << depth + 1) - 1;
      int[][] features = new int[count][nodes];
      float[][] values = new float[count][nodes];
      for (int tree = 0; tree < count; tree++) {
        for (int node = 0; node < nodes; node++) {
          features[tree][node] = random.nextInt(FEATURES);
          values[tree][node] = (float) random.nextDouble(-1, 1);
        }
      }
      return new Trees(count, depth, features, values);
    }

    int nodes() {
      return (1 << depth + 1) - 1;
    }

    boolean isLeaf(int node) {
      return 2 * node + 1 >= nodes();
    }
  }

  private TreesInOnnx() {}

  /** Compares, and prints. */
  public static void main(String[] args) throws Exception {
    System.out.println("| trees | depth | rows | ONNX Runtime, us | trees, us | times |");
    System.out.println("|---:|---:|---:|---:|---:|---:|");
    for (int[] size : new int[][] {{10, 4}, {100, 6}, {500, 8}}) {
      compare(Trees.random(size[0], size[1]));
    }
  }

  private static void compare(Trees trees) throws Exception {
    Path directory = Files.createTempDirectory("trees-in-onnx");
    Path json = Files.createDirectory(directory.resolve("json"));
    Path onnx = Files.createDirectory(directory.resolve("onnx"));
    Files.writeString(json.resolve("model.json"), json(trees));
    Files.write(onnx.resolve("model.onnx"), onnx(trees));
    try (Engine runtime = new OnnxEngine();
        Engine own = new TreesEngine();
        LoadedModel a = runtime.load(new ModelFiles(onnx), EngineOptions.DEFAULT);
        LoadedModel b = own.load(new ModelFiles(json), EngineOptions.DEFAULT);
        ArenaPool pool = new ArenaPool(1L << 30)) {
      for (int rows : new int[] {1, 16, 256}) {
        float[] x = new float[rows * FEATURES];
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < x.length; i++) {
          x[i] = (float) random.nextDouble(-1, 1);
        }
        check(run(a, x, pool), run(b, x, pool));
        double[] timesA = new double[ROUNDS];
        double[] timesB = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
          timesA[round] = timeUs(a, x, pool);
          timesB[round] = timeUs(b, x, pool);
        }
        Arrays.sort(timesA);
        Arrays.sort(timesB);
        double theirs = timesA[ROUNDS / 2];
        double ours = timesB[ROUNDS / 2];
        System.out.printf(
            Locale.ROOT,
            "| %d | %d | %d | %.1f | %.1f | %.1f |%n",
            trees.count(),
            trees.depth(),
            rows,
            theirs,
            ours,
            theirs / ours);
      }
    }
  }

  private static void check(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Math.abs(a[i] - b[i]) > 1e-3) {
        throw new AssertionError("row " + i + ": " + a[i] + " and " + b[i]);
      }
    }
  }

  /** The CPU time of a run on the calling thread, which computes all of it. */
  private static double timeUs(LoadedModel model, float[] x, ArenaPool pool) {
    long start = THREADS.getCurrentThreadCpuTime();
    long runs = 0;
    while (THREADS.getCurrentThreadCpuTime() - start < ROUND_NS) {
      for (int i = 0; i < RUNS_BETWEEN_LOOKS; i++) {
        run(model, x, pool);
      }
      runs += RUNS_BETWEEN_LOOKS;
    }
    return (THREADS.getCurrentThreadCpuTime() - start) / 1e3 / runs;
  }

  private static float[] run(LoadedModel model, float[] x, ArenaPool pool) {
    Signature signature = model.defaultSignature();
    try (TensorArena arena = pool.take()) {
      Tensor input = arena.allocate(DType.FLOAT32, Shape.of(x.length / FEATURES, FEATURES));
      for (int i = 0; i < x.length; i++) {
        input.data().setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, x[i]);
      }
      Batch batch = new Batch(signature, new Tensor[] {input}, null, arena, Long.MAX_VALUE);
      model.run(batch);
      float[] answers = new float[x.length / FEATURES];
      for (int i = 0; i < answers.length; i++) {
        answers[i] = batch.output(0).getFloat(i);
      }
      return answers;
    }
  }

  private static String json(Trees trees) {
    StringBuilder all = new StringBuilder();
    for (int tree = 0; tree < trees.count(); tree++) {
      int[] left = new int[trees.nodes()];
      int[] right = new int[trees.nodes()];
      int[] zeros = new int[trees.nodes()];
      for (int node = 0; node < left.length; node++) {
        left[node] = trees.isLeaf(node) ? -1 : 2 * node + 1;
        right[node] = trees.isLeaf(node) ? -1 : 2 * node + 2;
      }
      String none = Arrays.toString(zeros);
      all.append(tree == 0 ? "" : ",")
          .append("{\"categories\":[],\"categories_nodes\":[],\"categories_segments\":[],")
          .append("\"categories_sizes\":[],\"default_left\":" + none)
          .append(",\"left_children\":" + Arrays.toString(left))
          .append(",\"right_children\":" + Arrays.toString(right))
          .append(",\"split_conditions\":" + Arrays.toString(trees.values()[tree]))
          .append(",\"split_indices\":" + Arrays.toString(trees.features()[tree]))
          .append(",\"split_type\":" + none + ",\"sum_hessian\":" + none)
          .append(",\"tree_param\":{\"num_nodes\":\"" + trees.nodes() + "\",")
          .append("\"size_leaf_vector\":\"1\"}}");
    }
    return "{\"learner\":{\"attributes\":{},\"gradient_booster\":{\"model\":{\"gbtree_model_param\":{},"
        + ("\"tree_info\":"
            + Arrays.toString(new int[trees.count()])
            + ",\"trees\":["
            + all
            + "]},")
        + "\"name\":\"gbtree\"},\"learner_model_param\":{\"base_score\":\"0\",\"num_class\":\"0\","
        + ("\"num_feature\":\"" + FEATURES + "\"},")
        + "\"objective\":{\"name\":\"reg:squarederror\"}},\"version\":[2,0,3]}";
  }

  /** The field numbers are those of onnx.proto. */
  private static byte[] onnx(Trees trees) {
    ProtoWriter node =
        new ProtoWriter()
            .string(1, "x")
            .string(2, "y")
            .string(4, "TreeEnsembleRegressor")
            .string(7, "ai.onnx.ml")
            .message(5, new ProtoWriter().string(1, "n_targets").int64(3, 1).int64(20, 2));
    String[] nodeFields = {
      "treeids", "nodeids", "featureids", "truenodeids", "falsenodeids", "missing_value_tracks_true"
    };
    for (int field = 0; field < nodeFields.length; field++) {
      ProtoWriter attribute = new ProtoWriter().string(1, "nodes_" + nodeFields[field]);
      for (int tree = 0; tree < trees.count(); tree++) {
        for (int i = 0; i < trees.nodes(); i++) {
          int child = trees.isLeaf(i) ? 0 : 2 * i + 1;
          attribute.int64(
              8,
              switch (field) {
                case 0 -> tree;
                case 1 -> i;
                case 2 -> trees.features()[tree][i];
                case 3 -> child;
                case 4 -> child == 0 ? 0 : child + 1;
                default -> 0;
              });
        }
      }
      node.message(5, attribute.int64(20, INTS));
    }
    ProtoWriter modes = new ProtoWriter().string(1, "nodes_modes");
    ProtoWriter values = new ProtoWriter().string(1, "nodes_values");
    ProtoWriter leafTrees = new ProtoWriter().string(1, "target_treeids");
    ProtoWriter leaves = new ProtoWriter().string(1, "target_nodeids");
    ProtoWriter targets = new ProtoWriter().string(1, "target_ids");
    ProtoWriter weights = new ProtoWriter().string(1, "target_weights");
    for (int tree = 0; tree < trees.count(); tree++) {
      for (int i = 0; i < trees.nodes(); i++) {
        modes.string(9, trees.isLeaf(i) ? "LEAF" : "BRANCH_LT");
        values.float32(7, trees.isLeaf(i) ? 0 : trees.values()[tree][i]);
        if (trees.isLeaf(i)) {
          leafTrees.int64(8, tree);
          leaves.int64(8, i);
          targets.int64(8, 0);
          weights.float32(7, trees.values()[tree][i]);
        }
      }
    }
    node.message(5, modes.int64(20, STRINGS)).message(5, values.int64(20, FLOATS));
    node.message(5, leafTrees.int64(20, INTS)).message(5, leaves.int64(20, INTS));
    node.message(5, targets.int64(20, INTS)).message(5, weights.int64(20, FLOATS));
    ProtoWriter graph =
        new ProtoWriter()
            .message(1, node)
            .string(2, "trees")
            .message(11, port("x", FEATURES))
            .message(12, port("y", 1));
    return new ProtoWriter()
        .int64(1, 8)
        .message(7, graph)
        .message(8, new ProtoWriter().string(1, "").int64(2, 15))
        .message(8, new ProtoWriter().string(1, "ai.onnx.ml").int64(2, 3))
        .toByteArray();
  }

  private static ProtoWriter port(String name, int columns) {
    ProtoWriter shape =
        new ProtoWriter()
            .message(1, new ProtoWriter().string(2, "n"))
            .message(1, new ProtoWriter().int64(1, columns));
    ProtoWriter tensor = new ProtoWriter().int64(1, 1).message(2, shape);
    return new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, tensor));
  }
}
