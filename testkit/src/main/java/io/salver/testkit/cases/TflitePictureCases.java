package io.salver.testkit.cases;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Networks on pictures, and on what came out of sound. */
final class TflitePictureCases {
  /** How pictures go into the networks: {@code value / scale + shift} of 0 to 255. */
  private record Encoding(DType dtype, double scale, double shift) {
    TensorData of(String name, Path picture, int width, int height) {
      double[] pixels = Pictures.pixels(picture, width, height);
      return of(name, Shape.of(1, height, width, 3), pixels);
    }

    TensorData of(String name, Shape shape, double[] values) {
      double[] encoded = Arrays.stream(values).map(v -> v / scale + shift).toArray();
      return TensorData.numbers(name, dtype, shape, encoded);
    }
  }

  private static final Encoding UINT8 = new Encoding(DType.UINT8, 1, 0);
  private static final Encoding INT8 = new Encoding(DType.INT8, 1, -128);
  private static final Encoding UNIT = new Encoding(DType.FLOAT32, 255, 0);
  private static final Encoding CENTRED = new Encoding(DType.FLOAT32, 127.5, -1);
  private static final Shape DIGIT = Shape.of(1, 28, 28);
  private static final int CAT = 16;
  private static final int DOG = 17;

  private TflitePictureCases() {}

  static List<TfliteCase> all(Path tflite, Path images) {
    List<TfliteCase> cases = new ArrayList<>(photos(tflite, images));
    cases.addAll(digits(tflite));
    cases.addAll(persons(tflite));
    cases.addAll(small(tflite));
    cases.add(pose(tflite.resolve("coral_movenet_lightning")));
    cases.add(objects(tflite.resolve("tfls_ssd_mobilenet_v1")));
    return cases;
  }

  /** The largest number is at {@code position}, and is at least {@code least}. */
  private static Expected.Answer best(
      String output, int position, double scale, int zeroPoint, double least) {
    Expected.Answer sure =
        Expected.that(
            output,
            actual -> {
              double score = (actual.number(position) - zeroPoint) * scale;
              return score >= least ? "" : score + " (expected: >= " + least + ")";
            });
    return Expected.argMax(output, position).and(sure);
  }

  private static List<TfliteCase> photos(Path tflite, Path images) {
    Path v1 = tflite.resolve("coral_mobilenet_v1_0.25_128_quant");
    Path v2 = tflite.resolve("coral_mobilenet_v2_1.0_224_quant");
    Path cat = v1.resolve("cat.bmp");
    Path floats = tflite.resolve("tfls_mobilenet_v1_0.25_224_float");
    Path quant = tflite.resolve("tfls_mobilenet_v1_0.25_224_quant");
    String out1 = "MobilenetV1/Predictions/Reshape_1";
    String out2 = "MobilenetV2/Predictions/Softmax";
    List<TfliteCase> cases = new ArrayList<>();
    cases.add(
        TfliteCase.of(
            "mobilenet_v1_25_128_cat",
            v1.resolve("mobilenet_v1_0.25_128_quant.tflite"),
            Expected.that(out1, a -> a.number(283) / 256 >= 0.25 ? "" : "no tiger cat"),
            UINT8.of("input", cat, 128, 128)));
    cases.add(
        TfliteCase.of(
            "mobilenet_v1_50_160_cat",
            tflite.resolve("coral_mobilenet_v1_0.5_160_quant/mobilenet_v1_0.5_160_quant.tflite"),
            best(out1, 286, 1 / 256.0, 0, 0.51),
            UINT8.of("input", cat, 160, 160)));
    Path mobilenet2 = v2.resolve("mobilenet_v2_1.0_224_quant.tflite");
    cases.add(
        TfliteCase.of(
            "mobilenet_v2_cat",
            mobilenet2,
            best(out2, 286, 1 / 256.0, 0, 0.7),
            UINT8.of("input", v2.resolve("resized_cat.bmp"), 224, 224)));
    cases.add(
        TfliteCase.of(
            "mobilenet_v2_uniform",
            mobilenet2,
            best(out2, 653, 1 / 256.0, 0, 0.85),
            UINT8.of("input", v2.resolve("grace_hopper.bmp"), 224, 224)));
    for (String kind : List.of("default", "metadata")) {
      cases.add(
          TfliteCase.of(
              "mobilenet_v1_float_burger_" + kind,
              floats.resolve("mobilenet_v1_0.25_224_1_" + kind + "_1.tflite"),
              best(out1, 934, 1, 0, 0.95),
              CENTRED.of("input", floats.resolve("burger.jpg"), 224, 224)));
    }
    cases.add(
        TfliteCase.of(
            "mobilenet_v1_quant_burger",
            quant.resolve("mobilenet_v1_0.25_224_quant.tflite"),
            best(out1, 934, 1 / 256.0, 0, 0.94),
            UINT8.of("input", floats.resolve("burger.jpg"), 224, 224)));
    cases.add(
        TfliteCase.of(
            "flowers_sunflower",
            tflite.resolve("tfls_automl_flowers/automl_labeler_model.tflite"),
            best("scores", 3, 1 / 256.0, 0, 0.85),
            UINT8.of("image", images.resolve("coral_photos/sunflower.bmp"), 224, 224)));
    return cases;
  }

  /**
   * Each digit by itself. The manifest's note that the last one comes out as a three is what the
   * models say of it after the other nine, when their variables are not reset between runs.
   */
  private static List<TfliteCase> digits(Path tflite) {
    Path lstm = tflite.resolve("tflm_mnist_lstm");
    Path coral = tflite.resolve("coral_keras_lstm_mnist");
    List<TfliteCase> cases = new ArrayList<>();
    for (int sample = 0; sample < 10; sample++) {
      double[] pixels = gray(lstm.resolve("samples/sample" + sample + ".png"));
      cases.add(
          TfliteCase.of(
              "lstm_float_digit_" + sample,
              lstm.resolve("trained_lstm.tflite"),
              Expected.argMax("sequential", sample),
              UNIT.of("fixed_input", DIGIT, pixels)));
      cases.add(
          TfliteCase.of(
              "lstm_int8_digit_" + sample,
              lstm.resolve("trained_lstm_int8.tflite"),
              Expected.argMax("sequential", sample),
              INT8.of("fixed_input", DIGIT, pixels)));
    }
    cases.add(
        TfliteCase.of(
            "lstm_uint8_nine",
            coral.resolve("keras_lstm_mnist_ptq.tflite"),
            Expected.argMax("output_0", 9),
            UINT8.of("x", DIGIT, gray(coral.resolve("mnist_nine.bmp")))));
    return cases;
  }

  private static double[] gray(Path file) {
    float[] pixels = Pictures.gray(file);
    double[] values = new double[pixels.length];
    Arrays.setAll(values, i -> pixels[i]);
    return values;
  }

  private static List<TfliteCase> persons(Path tflite) {
    Path directory = tflite.resolve("mlc_vww");
    Shape shape = Shape.of(1, 96, 96, 3);
    double[] hopper =
        Pictures.averagedPixels(
            tflite.resolve("coral_mobilenet_v2_1.0_224_quant/grace_hopper.bmp"), 96, 96);
    double[] cat =
        Pictures.averagedPixels(
            tflite.resolve("coral_mobilenet_v1_0.25_128_quant/cat.bmp"), 96, 96);
    Path floats = directory.resolve("vww_96_float.tflite");
    Path int8 = directory.resolve("vww_96_int8.tflite");
    String in = "input_1_int8";
    String out = "Identity_int8";
    return List.of(
        TfliteCase.of(
            "person_float",
            floats,
            best("Identity", 1, 1, 0, 0.75),
            UNIT.of("input_1", shape, hopper)),
        TfliteCase.of(
            "no_person_float",
            floats,
            best("Identity", 0, 1, 0, 0.9),
            UNIT.of("input_1", shape, cat)),
        TfliteCase.of(
            "person_int8", int8, best(out, 1, 1 / 256.0, -128, 0.75), INT8.of(in, shape, hopper)),
        TfliteCase.of(
            "no_person_int8", int8, best(out, 0, 1 / 256.0, -128, 0.9), INT8.of(in, shape, cat)));
  }

  /** Networks whose data sets are not here; silence is what their SavedModel twin says of zeros. */
  private static List<TfliteCase> small(Path tflite) {
    Path kws = tflite.resolve("mlc_kws");
    Path resnet = tflite.resolve("mlc_resnet_cifar10");
    Path face =
        tflite.resolve("ultraface_slim_tflite/version-slim-320_without_postprocessing.tflite");
    Path hopper = tflite.resolve("coral_mobilenet_v2_1.0_224_quant/grace_hopper.bmp");
    int frames = 49 * 10;
    double[] zeros = new double[2 * frames];
    double[] zeroPoints = new double[2 * frames];
    Arrays.fill(zeroPoints, 83);
    Shape two = Shape.of(2, 49, 10, 1);
    return List.of(
        TfliteCase.of(
            "keyword_float_zeros",
            kws.resolve("kws_ref_model_float32.tflite"),
            best("Identity", 11, 1, 0, 0.65).and(Expected.rowsSumToOne("Identity")),
            TensorData.numbers("input_1", DType.FLOAT32, two, zeros)),
        TfliteCase.of(
            "keyword_int8_zeros",
            kws.resolve("kws_ref_model.tflite"),
            Expected.argMax("Identity", 11),
            TensorData.numbers("input_1", DType.INT8, two, zeroPoints)),
        TfliteCase.of(
            "resnet_float",
            resnet.resolve("pretrainedResnet.tflite"),
            Expected.shaped("Identity", 1, 10).and(Expected.rowsSumToOne("Identity")),
            new Encoding(DType.FLOAT32, 1, 0).of("input_1", hopper, 32, 32)),
        TfliteCase.of(
            "resnet_int8",
            resnet.resolve("pretrainedResnet_quant.tflite"),
            Expected.shaped("Identity_int8", 1, 10),
            INT8.of("input_1_int8", hopper, 32, 32)),
        TfliteCase.of(
            "ultraface",
            face,
            Expected.shaped("Identity", 1, 4420, 4)
                .and(Expected.shaped("Identity_1", 1, 4420, 2))
                .and(Expected.finite()),
            new Encoding(DType.FLOAT32, 128, -127 / 128.0).of("input_1", hopper, 320, 240)));
  }

  private static TfliteCase pose(Path directory) {
    double[][] points = new double[17][2];
    try {
      for (String line :
          Files.readAllLines(
              directory.resolve("movenet_single_pose_lightning_ptq_reference.csv"))) {
        String[] fields = line.split(",");
        if (!fields[0].equals("pose_id")) {
          points[Integer.parseInt(fields[2])] =
              new double[] {Double.parseDouble(fields[5]), Double.parseDouble(fields[4])};
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return TfliteCase.of(
        "movenet_squat",
        directory.resolve("movenet_single_pose_lightning_ptq.tflite"),
        Expected.that(
            "output_0",
            output -> {
              double worst = 0;
              for (int i = 0; i < 2 * points.length; i++) {
                double value = output.number(i / 2 * 3 + i % 2);
                worst = Math.max(worst, Math.abs(value - points[i / 2][i % 2]));
              }
              return worst <= 0.03 ? "" : worst + " from the reference (expected: <= 0.03)";
            }),
        UINT8.of("input", directory.resolve("squat.bmp"), 192, 192));
  }

  private static TfliteCase objects(Path directory) {
    String op = "TFLite_Detection_PostProcess";
    return TfliteCase.of(
        "ssd_cats_and_dogs",
        directory.resolve("coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite"),
        Expected.shaped(op, 1, 10, 4)
            .and(
                Expected.that(
                    op + ":1",
                    classes -> {
                      boolean cats = classes.number(0) == CAT && classes.number(1) == CAT;
                      boolean dog = classes.number(2) == DOG || classes.number(3) == DOG;
                      return cats && dog ? "" : "not cats and a dog: " + classes.number(0);
                    }))
            .and(
                Expected.that(
                    op + ":2", scores -> scores.number(3) >= 0.45 ? "" : "not sure enough")),
        UINT8.of(
            "normalized_input_image_tensor", directory.resolve("cats_and_dogs.jpg"), 300, 300));
  }
}
