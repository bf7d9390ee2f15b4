package io.salver.testkit.cases;

import static io.salver.testkit.cases.ArrayTensor.floats;
import static io.salver.testkit.cases.ArrayTensor.ints;
import static io.salver.testkit.cases.ArrayTensor.longs;
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

/**
 * SavedModels made by others, with the answers that their makers gave, or, for the networks, those
 * of TensorFlow 2.18 itself.
 */
public final class TensorFlowCases {
  private static final String DEFAULT = "serving_default";
  private static final double EXACT = 0;
  private static final double FLOAT_TOLERANCE = 1e-6;
  private static final double NETWORK_TOLERANCE = 1e-5;
  private static final Shape MATRIX = Shape.of(1, 3, 3);

  /** A gray JPEG of one pixel, in the alphabet for URLs. */
  private static final String GRAY_PIXEL =
      "_9j_4AAQSkZJRgABAgAAAQABAAD_2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRof"
          + "Hh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL_wAALCAABAAEBAREA_8QAHwAA"
          + "AQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL_8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQR"
          + "BRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RF"
          + "RkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ip"
          + "qrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4-Tl5ufo6erx8vP09fb3-Pn6_9oACAEB"
          + "AAA_APNq_9k";

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
        deepImage(),
        chicagoTaxi(),
        penguins(),
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
    float[] words = {
      0.0248355f,
      0.0294177f,
      0.0151700f,
      0.0104262f,
      0.0179204f,
      0.0621344f,
      0.0180738f,
      0.0086500f,
      0.0176380f,
      0.0067562f,
      0.0004758f,
      0.7885022f
    };
    return serves(
        "mlcommons_kws_savedmodel",
        "A_savedmodel/mlcommons_kws_savedmodel/kws_ref_model",
        new Answers(
            DEFAULT,
            Map.of("input_1", floats(Shape.of(1, 49, 10, 1), new float[490])),
            Map.of("dense", floats(Shape.of(1, 12), words)),
            NETWORK_TOLERANCE));
  }

  private static ModelCase deepImage() {
    float[] softmax = new float[17];
    softmax[4] = 1;
    return serves(
        "sts_deep_image_model",
        "A_savedmodel/sts_deep_image_model/deep_image_model/1",
        new Answers(
            DEFAULT,
            Map.of("images", texts(Shape.of(1), GRAY_PIXEL)),
            Map.of(
                "prediction", longs(Shape.of(1), 4), "softmax", floats(Shape.of(1, 17), softmax)),
            NETWORK_TOLERANCE),
        new Refuses(
            DEFAULT,
            Map.of("images", texts(Shape.of(1), "bm8gcGljdHVyZQ")),
            Category.INVALID_ARGUMENT,
            "image"));
  }

  private static ModelCase chicagoTaxi() {
    ArrayTensor trips = strings(Shape.of(2), trip("Credit Card"), trip("Cash"));
    ArrayTensor scores = floats(Shape.of(2, 2), 0.6753101f, 0.3246899f, 0.7963741f, 0.2036259f);
    ArrayTensor classes = texts(Shape.of(2, 2), "0", "1", "0", "1");
    ArrayTensor chance = column(0.3246899f, 0.2036259f);
    return serves(
        "tfx_chicago_taxi_export",
        "A_savedmodel/tfx_chicago_taxi_export/1646034756",
        near(DEFAULT, "inputs", trips, Map.of("classes", classes, "scores", scores)),
        near("classification", "inputs", trips, Map.of("classes", classes, "scores", scores)),
        near("regression", "inputs", trips, Map.of("outputs", chance)),
        near(
            "predict",
            "examples",
            trips,
            Map.of(
                "all_class_ids", ints(Shape.of(2, 2), 0, 1, 0, 1),
                "all_classes", classes,
                "class_ids", longs(Shape.of(2, 1), 0, 0),
                "classes", texts(Shape.of(2, 1), "0", "0"),
                "logistic", chance,
                "logits", column(-0.7323014f, -1.3637846f),
                "probabilities", scores)));
  }

  private static byte[] trip(String payment) {
    return Examples.of(
        Map.of(
            "fare",
            12.5f,
            "trip_miles",
            3.5f,
            "trip_seconds",
            900L,
            "trip_start_hour",
            18L,
            "trip_start_day",
            5L,
            "trip_start_month",
            6L,
            "payment_type",
            payment,
            "company",
            "Flash Cab"));
  }

  private static ModelCase penguins() {
    return serves(
        "tfx_penguin_keras",
        "A_savedmodel/tfx_penguin_keras/Format-Serving",
        near(
            DEFAULT,
            "examples",
            strings(
                Shape.of(2),
                penguin(0.25f, 0.75f, 0.25f, 0.25f),
                penguin(0.5f, 0.25f, 0.75f, 0.75f)),
            Map.of(
                "output_0",
                floats(
                    Shape.of(2, 3),
                    0.9808332f,
                    0.0168495f,
                    0.0023173f,
                    0.0012079f,
                    0.0096395f,
                    0.9891526f))));
  }

  private static byte[] penguin(float culmenLength, float culmenDepth, float flipper, float mass) {
    return Examples.of(
        Map.of(
            "culmen_length_mm", culmenLength,
            "culmen_depth_mm", culmenDepth,
            "flipper_length_mm", flipper,
            "body_mass_g", mass));
  }

  private static Step near(
      String signature, String in, ArrayTensor input, Map<String, ArrayTensor> outputs) {
    return new Answers(signature, Map.of(in, input), outputs, NETWORK_TOLERANCE);
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
