package io.salver.testkit.cases;

import static io.salver.testkit.cases.ArrayTensor.floats;
import static io.salver.testkit.cases.ArrayTensor.ints;
import static io.salver.testkit.cases.ArrayTensor.strings;
import static io.salver.testkit.cases.ArrayTensor.texts;
import static io.salver.testkit.cases.ModelCase.failsToLoad;
import static io.salver.testkit.cases.ModelCase.serves;

import io.salver.predict.Category;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.ModelCase.Answers;
import io.salver.testkit.cases.ModelCase.Refuses;
import io.salver.testkit.cases.ModelCase.Step;
import java.util.List;
import java.util.Map;

/** SavedModels made by others, with the answers their makers or TensorFlow itself gave. */
public final class TensorFlowCases {
  private static final String DEFAULT = "serving_default";
  private static final double EXACT = 0;
  private static final double FLOAT_TOLERANCE = 1e-6;
  private static final Shape MATRIX = Shape.of(1, 3, 3);

  private TensorFlowCases() {}

  /** All cases. */
  public static List<ModelCase> all() {
    return List.of(
        halfPlusTwo("tfs_half_plus_two_cpu", "saved_model_half_plus_two_cpu/00000123"),
        halfPlusTwo(
            "tfs_half_plus_two_2_versions", "saved_model_half_plus_two_2_versions/00000123"),
        halfPlusTwo(
            "tfs_half_plus_two_2_versions", "saved_model_half_plus_two_2_versions/00000124"),
        halfPlusTwo("tfs_half_plus_two_mlmd", "saved_model_half_plus_two_mlmd/00000123"),
        halfPlusTwo(
            "tfs_half_plus_two_saved_model_config",
            "saved_model_half_plus_two_cpu_with_saved_model_config/00000123"),
        halfPlusTwoOfTensorFlow2(),
        halfPlusThree(),
        matrixHalfPlusTwo(),
        counter(),
        simplest(),
        templateApplication("1", 0.615545f, 0.384455f),
        templateApplication("2", 0.641487f, 0.358513f),
        openVinoDummy(),
        regression(),
        redundantInputs(),
        keywordSpotting(),
        failsToLoad(
            "tfs_bad_half_plus_two",
            "A_savedmodel/tfs_bad_half_plus_two/bad_half_plus_two/00000123",
            "legacy SessionBundle export"),
        failsToLoad(
            "ydf_adult_gbdt_savedmodel",
            "A_savedmodel/ydf_adult_gbdt_savedmodel/adult_binary_class_gbdt_savedmodel",
            "SimpleMLCreateModelResource"));
  }

  private static ModelCase halfPlusTwo(String name, String version) {
    return serves(
        name + "/" + version.substring(version.lastIndexOf('/') + 1),
        "A_savedmodel/" + name + "/" + version,
        answers(DEFAULT, "x", floats(1, 2, 5), "y", floats(2.5f, 3, 4.5f)),
        answers(
            DEFAULT,
            "x",
            floats(Shape.of(3, 1), 1, 2, 5),
            "y",
            floats(Shape.of(3, 1), 2.5f, 3, 4.5f)),
        answers("regress_x_to_y", "inputs", examples(1, 2, 5), "outputs", column(2.5f, 3, 4.5f)),
        answers("regress_x_to_y2", "inputs", examples(1, 2, 5), "outputs", column(3.5f, 4, 5.5f)),
        answers("classify_x_to_y", "inputs", examples(3), "scores", column(3.5f)),
        answers("regress_x2_to_y3", "inputs", column(1, 2, 5), "outputs", column(3.5f, 4, 5.5f)),
        new Refuses(
            "regress_x_to_y",
            Map.of("inputs", texts(Shape.of(1), "no example")),
            Category.INVALID_ARGUMENT,
            "Could not parse example"));
  }

  private static ModelCase halfPlusTwoOfTensorFlow2() {
    return serves(
        "tfs_half_plus_two_tf2_cpu",
        "A_savedmodel/tfs_half_plus_two_tf2_cpu/saved_model_half_plus_two_tf2_cpu/00000123",
        answers(DEFAULT, "x", floats(1, 2, 5), "y", floats(2.5f, 3, 4.5f)),
        new Answers(DEFAULT, Map.of(), Map.of("y", floats(2)), EXACT),
        answers("regress_x_to_y", "inputs", examples(1, 2), "outputs", column(2.5f, 3)),
        answers("regress_x_to_y2", "inputs", examples(1, 2), "outputs", column(3.5f, 4)),
        answers("classify_x_to_y", "inputs", examples(3), "scores", column(3.5f)),
        answers("classify_x2_to_y3", "inputs", floats(1), "scores", floats(3.5f)),
        answers("regress_x2_to_y3", "inputs", floats(1), "outputs", floats(3.5f)));
  }

  private static ModelCase halfPlusThree() {
    return serves(
        "tfs_half_plus_three",
        "A_savedmodel/tfs_half_plus_three/saved_model_half_plus_three/00000123",
        answers(DEFAULT, "x", floats(1, 2, 5), "y", floats(3.5f, 4, 5.5f)),
        answers(
            "tensorflow/serving/regress", "inputs", examples(1, 2), "outputs", column(3.5f, 4)));
  }

  private static ModelCase matrixHalfPlusTwo() {
    return serves(
        "tfs_matrix_half_plus_two",
        "A_savedmodel/tfs_matrix_half_plus_two/matrix_half_plus_two/1",
        answers(
            DEFAULT,
            "x",
            floats(MATRIX, 1, 2, 3, 4, 5, 6, 7, 8, 9),
            "y",
            floats(MATRIX, 2.5f, 3, 3.5f, 4, 4.5f, 5, 5.5f, 6, 6.5f)));
  }

  private static ModelCase counter() {
    return serves(
        "tfs_counter",
        "A_savedmodel/tfs_counter/saved_model_counter/00000123",
        count("incr_counter", 1),
        count("incr_counter", 2),
        count("get_counter", 2),
        answers("incr_counter_by", "delta", scalar(3), "output", scalar(5)),
        count("get_counter", 5),
        count("reset_counter", 0),
        count("get_counter", 0));
  }

  private static Step count(String signature, float expected) {
    return new Answers(signature, Map.of(), Map.of("output", scalar(expected)), EXACT);
  }

  private static ModelCase simplest() {
    ArrayTensor keys = ints(Shape.of(3, 1), 1, -7, 42);
    return serves(
        "sts_simplest",
        "A_savedmodel/sts_simplest/model/1",
        answers(DEFAULT, "keys", keys, "keys", keys));
  }

  private static ModelCase templateApplication(String version, float first, float second) {
    float[] ones = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    return serves(
        "sts_template_application/" + version,
        "A_savedmodel/sts_template_application_2_versions/models/tensorflow_template_application_model/"
            + version,
        new Answers(
            DEFAULT,
            Map.of("keys", ints(Shape.of(1, 1), 11), "features", floats(Shape.of(1, 9), ones)),
            Map.of(
                "keys", ints(Shape.of(1, 1), 11), "softmax", floats(Shape.of(1, 2), first, second)),
            FLOAT_TOLERANCE),
        new Refuses(
            DEFAULT,
            Map.of("keys", ints(Shape.of(1, 1), 11), "features", floats(Shape.of(1, 3), 1, 1, 1)),
            Category.INVALID_ARGUMENT,
            "[1,3]"));
  }

  private static ModelCase openVinoDummy() {
    Shape shape = Shape.of(2, 10);
    float[] in = new float[20];
    float[] out = new float[20];
    for (int i = 0; i < in.length; i++) {
      in[i] = i / 4f;
      out[i] = in[i] + 1;
    }
    return serves(
        "ovms_dummy_saved_model",
        "A_savedmodel/ovms_dummy_saved_model/dummy_saved_model/1",
        answers(DEFAULT, "in", floats(shape, in), "out", floats(shape, out)));
  }

  private static ModelCase regression() {
    return serves(
        "tf2onnx_regression",
        "A_savedmodel/tf2onnx_regression/saved_model",
        new Answers(
            DEFAULT, Map.of("X", scalar(3)), Map.of("pred", scalar(1.6914108f)), FLOAT_TOLERANCE));
  }

  private static ModelCase redundantInputs() {
    Shape shape = Shape.of(1, 10);
    return serves(
        "tf2onnx_redundant_inputs",
        "A_savedmodel/tf2onnx_redundant_inputs/saved_model_with_redundant_inputs",
        new Answers(
            DEFAULT,
            Map.of(
                "x",
                floats(shape, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
                "y",
                floats(shape, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)),
            Map.of("z", floats(shape, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)),
            EXACT));
  }

  private static ModelCase keywordSpotting() {
    return serves(
        "mlcommons_kws_savedmodel",
        "A_savedmodel/mlcommons_kws_savedmodel/kws_ref_model",
        new Answers(
            DEFAULT,
            Map.of("input_1", floats(Shape.of(1, 49, 10, 1), new float[490])),
            Map.of(),
            FLOAT_TOLERANCE));
  }

  private static Step answers(
      String signature, String in, ArrayTensor input, String out, ArrayTensor output) {
    return new Answers(signature, Map.of(in, input), Map.of(out, output), EXACT);
  }

  private static ArrayTensor scalar(float value) {
    return floats(Shape.SCALAR, value);
  }

  private static ArrayTensor column(float... values) {
    return floats(Shape.of(values.length, 1), values);
  }

  /** Examples with the one feature {@code x}. */
  private static ArrayTensor examples(float... values) {
    byte[][] examples = new byte[values.length][];
    for (int i = 0; i < values.length; i++) {
      examples[i] = Examples.of(Map.of("x", values[i]));
    }
    return strings(Shape.of(values.length), examples);
  }
}
