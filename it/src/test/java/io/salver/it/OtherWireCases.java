package io.salver.it;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.testkit.cases.Expected;
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * The models under {@code shared/testdata/D_other}, with what its MANIFEST.tsv says of them: those
 * of the engines that have no table of their own, and files that are no models.
 */
final class OtherWireCases {
  private static final String INPUT = "input-0";
  private static final String OUTPUT = "output-0";

  private final Path data;
  private final List<WireCase> cases = new ArrayList<>();

  private OtherWireCases(Path testData) {
    this.data = testData;
  }

  static List<WireCase> all(Path testData) {
    OtherWireCases other = new OtherWireCases(testData);
    try {
      other.xgboost();
      other.lightgbm();
      other.pmml();
      other.torch();
      other.caffe();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    other.noModels();
    return other.cases;
  }

  private Path file(String path) {
    return data.resolve("D_other").resolve(path);
  }

  private void served(String name, String path, TensorData input, Expected.Answer answer) {
    Path from = file(path);
    served(name, to -> ModelDirectories.copy(from, to), List.of(input), answer);
  }

  private void served(
      String name, WireCase.Files files, List<TensorData> inputs, Expected.Answer answer) {
    cases.add(
        ExpectedWireCases.of(
            name, files, Signature.DEFAULT_NAME, inputs, new Expected.Answered(answer)));
  }

  private void refused(String name, String path, String reason) {
    Path from = file(path);
    refused(name, to -> ModelDirectories.copy(from, to), reason);
  }

  private void refused(String name, WireCase.Files files, String reason) {
    cases.add(
        ExpectedWireCases.of(
            name, files, Signature.DEFAULT_NAME, List.of(), new Expected.RefusedAtLoad(reason)));
  }

  private static TensorData rows(DType dtype, double[]... rows) {
    double[] values = Arrays.stream(rows).flatMapToDouble(DoubleStream::of).toArray();
    return TensorData.numbers(INPUT, dtype, Shape.of(rows.length, rows[0].length), values);
  }

  private void xgboost() throws IOException {
    String iris = "xgb_kserve_iris/python/xgbserver/xgbserver/example_model/";
    for (String model :
        List.of("bst_model/model.bst", "json_model/model.json", "ubj_model/model.ubj")) {
      served(
          "xgb_kserve_iris_" + model.substring(0, 3),
          iris + model,
          rows(
              DType.FLOAT32,
              new double[] {5.1, 3.5, 1.4, 0.2},
              new double[] {6.8, 2.8, 4.8, 1.4},
              new double[] {6.0, 3.4, 4.5, 1.6}),
          Expected.equalTo(TensorData.floats(OUTPUT, Shape.of(3), 0, 1, 1)));
    }
    for (String dump : List.of("xgboost.test", "xgboost.2.2", "binary_breast_cancer")) {
      refused(
          "xgb_vespa_" + dump.replace('.', '_'),
          "xgb_vespa/" + dump + ".json",
          "Booster.save_model");
    }
    served(
        "xgb_vespa_breast_cancer",
        "xgb_vespa/binary_breast_cancer.ubj",
        rows(DType.FLOAT32, new double[30]),
        Expected.shaped(OUTPUT, 1).and(Expected.finite()));
    mushrooms();
    served(
        "xgb_spark_082",
        "xgb_spark_082",
        rows(DType.FLOAT32, new double[251]),
        Expected.shaped(OUTPUT, 1).and(Expected.finite()));
  }

  /** As often right as the library: 1,576 of 1,611. */
  private void mushrooms() throws IOException {
    List<double[]> rows = new ArrayList<>();
    List<Boolean> labels = new ArrayList<>();
    for (String line : Files.readAllLines(data.resolve("E_data/agaricus/agaricus.txt.test"))) {
      labels.add(line.startsWith("1 "));
      rows.add(sparse(line, 126, 1));
    }
    served(
        "xgb_mlserver_mushroom",
        "xgb_mlserver_mushroom/xgboost/mushroom-xgboost.json",
        rows(DType.FLOAT32, rows.toArray(double[][]::new)),
        Expected.that(
            OUTPUT,
            actual -> {
              int right = 0;
              for (int i = 0; i < labels.size(); i++) {
                right += actual.number(i) > 0.5 == labels.get(i) ? 1 : 0;
              }
              return right == 1576 ? "" : right + " right (expected: 1576)";
            }));
  }

  /** A row of LibSVM's format; what it does not mention is missing. */
  private static double[] sparse(String line, int features, int firstIndex) {
    double[] row = new double[features];
    Arrays.fill(row, Double.NaN);
    String[] words = line.strip().split(" ");
    for (int i = 1; i < words.length; i++) {
      String[] pair = words[i].split(":");
      row[Integer.parseInt(pair[0]) - firstIndex] = Double.parseDouble(pair[1]);
    }
    return row;
  }

  private void lightgbm() throws IOException {
    served(
        "lgbm_kserve_iris",
        "lgbm_kserve_iris/python/lgbserver/lgbserver/example_model/model/model.bst",
        rows(DType.FLOAT64, new double[] {6.8, 2.8, 4.8, 1.6}, new double[] {6.0, 3.4, 4.5, 1.6}),
        Expected.startsWith(
            OUTPUT,
            1e-8,
            3.7899802486733807e-06,
            0.9996982074114203,
            0.00029800260833088297,
            5.2172911836629736e-05,
            0.99973341723876,
            0.000214409849403366));
    served(
        "lgbm_mlserver_iris",
        "lgbm_mlserver_iris/iris-lightgbm.bst",
        rows(DType.FLOAT64, new double[] {6.8, 2.8, 4.8, 1.6}),
        Expected.startsWith(OUTPUT, 1e-7, 3.4866e-4, 0.8892504, 0.1104010));
    toyCategorical();
  }

  private void toyCategorical() throws IOException {
    Path directory = file("lgbm_treelite_toy_categorical");
    double[][] rows =
        Files.readAllLines(directory.resolve("toy_categorical.test")).stream()
            .map(line -> sparse(line, 2, 0))
            .toArray(double[][]::new);
    double[] expected =
        Files.readAllLines(directory.resolve("toy_categorical.test.pred")).stream()
            .filter(line -> !line.isBlank())
            .mapToDouble(Double::parseDouble)
            .toArray();
    served(
        "lgbm_treelite_toy_categorical",
        "lgbm_treelite_toy_categorical/toy_categorical_model.txt",
        rows(DType.FLOAT64, rows),
        Expected.startsWith(OUTPUT, 0, expected));
  }

  private void pmml() throws IOException {
    served(
        "pmml_kserve_iris",
        to ->
            ModelDirectories.copy(
                file("pmml_kserve_iris/python/pmmlserver/pmmlserver/example_model/model"), to),
        List.of(
            column("Sepal_Length", 5.1),
            column("Sepal_Width", 3.5),
            column("Petal_Length", 1.4),
            column("Petal_Width", 0.2)),
        Expected.equalTo(
            TensorData.strings("Species", Shape.of(1), "setosa"),
            column("Probability_setosa", 1),
            TensorData.strings("Node_Id", Shape.of(1), "2")));
    List<String[]> flowers =
        Files.readAllLines(file("pmml_spark_iris/iris.csv")).stream()
            .skip(1)
            .filter(line -> !line.isBlank())
            .map(line -> line.split(","))
            .toList();
    String[] species = flowers.stream().map(flower -> flower[4]).toArray(String[]::new);
    served(
        "pmml_spark_iris",
        to -> ModelDirectories.copy(file("pmml_spark_iris/DecisionTreeIris.pmml"), to),
        List.of(
            column("Sepal_Length", numbers(flowers, 0)),
            column("Petal_Length", numbers(flowers, 2)),
            column("Petal_Width", numbers(flowers, 3))),
        Expected.equalTo(TensorData.strings("Species", Shape.of(species.length), species)));
  }

  private static TensorData column(String name, double... values) {
    return TensorData.numbers(name, DType.FLOAT64, Shape.of(values.length), values);
  }

  private static double[] numbers(List<String[]> rows, int column) {
    return rows.stream().mapToDouble(row -> Double.parseDouble(row[column])).toArray();
  }

  private void torch() {
    served(
        "add_sub",
        to -> ModelDirectories.copy(file("triton_add_sub_torch/add_sub"), to.getParent()),
        List.of(
            TensorData.floats("INPUT__0", Shape.of(4), 1, 2, 3, 4),
            TensorData.floats("INPUT__1", Shape.of(4), 10, 20, 30, 40)),
        Expected.equalTo(
            TensorData.floats("OUTPUT__0", Shape.of(4), 11, 22, 33, 44),
            TensorData.floats("OUTPUT__1", Shape.of(4), -9, -18, -27, -36)));
    // It remembers what it was told before: its answers are held against its twin in engine-torch.
    cases.add(
        new WireCase(
            "torchscript_silero_vad",
            to -> ModelDirectories.copy(file("torchscript_silero_vad"), to),
            new WireCase.Outcome.Served(List.of())));
    // The model itself loads, as engine-torch shows; what is beside it asks for what is not served.
    refused(
        "implicit_state_model",
        to -> {
          ModelDirectories.copy(file("triton_implicit_state_torch/model.pt"), to);
          ModelDirectories.copy(file("triton_implicit_state_torch/config.pbtxt"), to.getParent());
        },
        "sequence_batching: set (expected: none, it is not supported)");
    refused("torch_broken", "torch_bad_files/broken.pt", "no zip archive");
    refused("torch_checkpoint", "torch_bad_files/checkpoint.pt", "without constants.pkl");
    refused("torch_state_dict", "torch_bad_files/state_dict.pt", "without constants.pkl");
    refused("torch_simple_legacy", "torch_bad_files/simple_legacy.pt", "a pickle");
  }

  /** 89 anchors by OpenCV's own resizing; the step's averages more, so that a few may differ. */
  private void caffe() throws IOException {
    byte[] picture = Files.readAllBytes(data.resolve("B_onnx/ultraface_rfb320/imgs/1.jpg"));
    served(
        "caffe_ultraface_slim",
        to -> {
          ModelDirectories.copy(file("caffe_ultraface_slim/Slim-320"), to);
          Files.writeString(
              to.resolve("model.yaml"),
              "preprocess: [{image: {tensor: input, range: [-0.9921875, 1.0]}}]\n");
        },
        List.of(new TensorData("image", DType.STRING, Shape.of(1), new byte[][] {picture})),
        Expected.that(
            "scores",
            scores -> {
              int faces = 0;
              for (int i = 1; i < scores.count(); i += 2) {
                faces += scores.number(i) > 0.7 ? 1 : 0;
              }
              return Math.abs(faces - 89) <= 5 ? "" : faces + " anchors (expected: 89, or near)";
            }));
  }

  private void noModels() {
    refused("sklearn_joblib", "sklearn_pickles/joblib/model/model.joblib", "pickle");
    refused("sklearn_pickle", "sklearn_pickles/pkl/model/model.pkl", "pickle");
    refused("gguf_tiny", "gguf_tiny", "a GGUF file, a language model");
    refused("safetensors_list", "safetensors_list/list.safetensors", "a file of weights alone");
    refused("numpy_array", "safetensors_list/2d.npy", "an array of NumPy, not a model");
    refused("numpy_arrays", "safetensors_list/list.npz", "arrays of NumPy, not a model");
    refused("zip_slip_root", "zip_slip_a/linux-created-offender-root.zip", "unpack it");
    refused(
        "zip_slip_traversal",
        "zip_slip_a/linux-created-offender-traversal-elements.zip",
        "unpack it");
    refused("zip_slip_tar", "zip_slip_a/linux-created-offender-root.tar", "unpack it");
  }
}
