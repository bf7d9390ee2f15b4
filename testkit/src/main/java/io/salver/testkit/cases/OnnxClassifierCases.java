package io.salver.testkit.cases;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Classifiers and regressors on rows of numbers: trees, linear models, encoders. */
final class OnnxClassifierCases {
  private static final long SEED = 11;

  private OnnxClassifierCases() {}

  static List<OnnxCase> all(Path onnx) {
    List<OnnxCase> cases = new ArrayList<>(zipMaps(onnx.resolve("ort_sklearn_zipmap_strings")));
    cases.addAll(encoders(onnx.resolve("ort_sklearn_zipmap_strings")));
    cases.addAll(golden(onnx.resolve("tract_lgbm_xgb")));
    for (String name : List.of("treecl", "treecl2", "treecl3")) {
      cases.add(tree(onnx.resolve("sklearn_onnx_tree_ensembles"), name));
    }
    cases.addAll(iris(onnx.resolve("winml_iris")));
    cases.add(
        OnnxCase.of(
            "logreg_iris",
            onnx.resolve("ort_logreg_iris/logreg_iris.onnx"),
            Expected.shaped("probabilities", 3, 3)
                .and(
                    Expected.equalTo(
                        TensorData.longs("probabilities_labels", Shape.of(3), 0, 1, 2)))
                .and(Expected.rowsSumToOne("probabilities")),
            TensorData.random("float_input", DType.FLOAT32, Shape.of(3, 2), SEED)));
    return cases;
  }

  private static List<OnnxCase> zipMaps(Path models) {
    TensorData x = TensorData.floats("X", Shape.of(2, 3), 1, 0, 3, 44, 23, 11);
    return List.of(
        OnnxCase.of(
            "zipmap_int64float",
            models.resolve("zipmap_int64float.onnx"),
            Expected.equalTo(x.named("Z"), TensorData.longs("Z_labels", Shape.of(3), 10, 20, 30)),
            x),
        OnnxCase.of(
            "zipmap_stringfloat",
            models.resolve("zipmap_stringfloat.onnx"),
            Expected.equalTo(
                x.named("Z"),
                TensorData.strings("Z_labels", Shape.of(3), "class1", "class2", "class3")),
            x),
        OnnxCase.of(
            "zipmap_of_a_scalar",
            models.resolve("zipmap_int64float.onnx"),
            new Expected.RefusedAtRun("ZipMap"),
            TensorData.floats("X", Shape.SCALAR, 1)),
        OnnxCase.of(
            "sklearn_bin_voting_classifier_soft",
            models.resolve("sklearn_bin_voting_classifier_soft.onnx"),
            Expected.rowsSumToOne("output_probability")
                .and(Expected.shaped("output_probability", 4, 2))
                .and(Expected.shaped("output_probability_labels", 2))
                .and(Expected.shaped("output_label", 4)),
            TensorData.random("input", DType.FLOAT32, Shape.of(4, 2), SEED)));
  }

  private static List<OnnxCase> encoders(Path models) {
    TensorData texts =
        TensorData.strings("input:0", Shape.of(2, 2), "a", "", "\u00fc", "longer than a word");
    return List.of(
        OnnxCase.of(
            "label_encoder",
            models.resolve("LabelEncoder.onnx"),
            Expected.shaped("variable", 1, 1),
            TensorData.strings("input", Shape.of(1, 1), "1")),
        OnnxCase.of(
            "identity_of_strings",
            models.resolve("identity_string.onnx"),
            Expected.equalTo(texts.named("output:0")),
            texts),
        OnnxCase.of(
            "tree_ensemble_as_tensor",
            models.resolve("tree_ensemble_as_tensor.onnx"),
            Expected.shaped("variable", 3, 1).and(Expected.finite()),
            TensorData.random("X", DType.FLOAT64, Shape.of(3, 4), SEED)),
        OnnxCase.of(
            "mlnet_encoder",
            models.resolve("mlnet_encoder.onnx"),
            Expected.equalTo(TensorData.floats("C00", Shape.of(1, 1), 3))
                .and(Expected.shaped("C12", 1, 3, 4)),
            TensorData.floats("C0", Shape.of(1, 1), 3),
            TensorData.strings("C1", Shape.of(1, 3), "a", "b", "c")));
  }

  private static List<OnnxCase> golden(Path models) {
    return List.of(
        golden(models, "lgbm_classifier_tensor", "probabilities"),
        golden(models, "lgbm_regressor_tensor", "output"));
  }

  /** The golden numbers, which were kept in another type and shape than the model gives. */
  private static OnnxCase golden(Path models, String name, String output) {
    Map<String, TensorData> arrays =
        OnnxTensorFiles.readNpz(models.resolve(name + "/io.npz")).stream()
            .collect(Collectors.toMap(TensorData::name, a -> a));
    TensorData expected = Objects.requireNonNull(arrays.get(output));
    double[] numbers = IntStream.range(0, expected.count()).mapToDouble(expected::number).toArray();
    return OnnxCase.of(
        name,
        models.resolve(name + "/model.onnx"),
        Expected.startsWith(output, 1e-6, numbers),
        Objects.requireNonNull(arrays.get("input")));
  }

  /** The third gives scores, one for each of several labels, rather than probabilities. */
  private static OnnxCase tree(Path models, String name) {
    String suffix = name.equals("treecl2") ? "_2" : "_0";
    Expected.Answer scores =
        name.equals("treecl3") ? Expected.finite() : Expected.rowsSumToOne("proba" + suffix);
    return OnnxCase.of(
        name,
        models.resolve(name + ".onnx"),
        scores.and(Expected.shaped("label" + suffix, 3)),
        TensorData.random("input", DType.FLOAT32, Shape.of(3, 20), SEED));
  }

  /** One flower of each species, from Fisher's table. */
  private static List<OnnxCase> iris(Path models) {
    float[][] flowers = {{5.1f, 3.5f, 1.4f, 0.2f}, {7, 3.2f, 4.7f, 1.4f}, {6.3f, 3.3f, 6, 2.5f}};
    List<OnnxCase> cases = new ArrayList<>();
    for (String model : List.of("Network", "Regression")) {
      for (int species = 0; species < flowers.length; species++) {
        cases.add(
            OnnxCase.of(
                "iris_" + model + "_" + species,
                models.resolve(model + ".onnx"),
                Expected.argMax("output", species).and(Expected.shaped("output", 1, 3)),
                TensorData.floats("input", Shape.of(1, 4), flowers[species])));
      }
    }
    return cases;
  }
}
