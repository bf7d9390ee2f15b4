package io.salver.testkit.cases;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The TensorFlow Lite models under {@code shared/testdata/C_tflite}, with inputs, and the answers
 * that its MANIFEST.tsv gives, or those of the operators' definitions.
 *
 * <p>Where the manifest says just that a model loads, the case asks for finite outputs of the
 * declared shapes.
 */
public final class TfliteCases {
  private static final int WORDS = 256;
  private static final int START = 1;
  private static final int UNKNOWN = 2;

  private TfliteCases() {}

  /** All cases; {@code testData} is {@link SharedTestData#find()}. */
  public static List<TfliteCase> all(Path testData) {
    Path tflite = testData.resolve("C_tflite");
    List<TfliteCase> cases = new ArrayList<>();
    cases.addAll(halfPlusTwo(tflite.resolve("tfs_tflite_half_plus_two")));
    cases.addAll(arithmetic(tflite));
    cases.addAll(signatures(tflite.resolve("mediapipe_signatures")));
    cases.addAll(sines(tflite.resolve("tflm_hello_world")));
    cases.addAll(texts(tflite));
    cases.addAll(TflitePictureCases.all(tflite, testData.resolve("F_images")));
    cases.addAll(refused(tflite));
    return List.copyOf(cases);
  }

  /** As TensorFlow Serving has it: rows of one number come as a vector, too. */
  private static List<TfliteCase> halfPlusTwo(Path directory) {
    List<TfliteCase> cases = new ArrayList<>();
    for (String suffix : List.of("", "_with_sigdef")) {
      Path model =
          directory.resolve("saved_model_half_plus_two_tflite" + suffix + "/00000123/model.tflite");
      String name = "half_plus_two" + suffix;
      cases.add(
          TfliteCase.of(
              name + "_one",
              model,
              Expected.equalTo(TensorData.floats("y", Shape.of(1, 1), 3)),
              TensorData.floats("x", Shape.of(1, 1), 2)));
      cases.add(
          TfliteCase.of(
              name + "_one_of_a_vector",
              model,
              Expected.equalTo(TensorData.floats("y", Shape.of(1, 1), 3)),
              TensorData.floats("x", Shape.of(1), 2)));
      for (Shape shape : List.of(Shape.of(3), Shape.of(3, 1))) {
        cases.add(
            TfliteCase.of(
                name + "_three_of_rank_" + shape.rank(),
                model,
                Expected.equalTo(TensorData.floats("y", shape, 2.5f, 3, 4.5f)),
                TensorData.floats("x", shape, 1, 2, 5)));
      }
    }
    return cases;
  }

  private static List<TfliteCase> arithmetic(Path tflite) {
    Path litert = tflite.resolve("litert_signatures_dynamic");
    Path multi = litert.resolve("js/packages/core/testdata/multi_signature_model.tflite");
    Path reverse = litert.resolve("test/testdata/reverse_signature_model.tflite");
    Path dummy = tflite.resolve("ovms_dummy_tflite/dummy_tflite/1/dummy.tflite");
    Path dynamic = litert.resolve("test/testdata/simple_add_dynamic_shape.tflite");
    Path mixed = litert.resolve("js/packages/core/testdata/mixed_input_model.tflite");
    Path constant = litert.resolve("test/testdata/constant_output_tensor.tflite");
    List<TfliteCase> cases = new ArrayList<>();
    TensorData a = filled("a", 6, 10, 10);
    TensorData b = filled("b", 2, 10, 10);
    cases.add(
        TfliteCase.of(
            "litert_add", multi, "add", Expected.equalTo(filled("output", 8, 10, 10)), a, b));
    cases.add(
        TfliteCase.of(
            "litert_sub", multi, "sub", Expected.equalTo(filled("output", 4, 10, 10)), a, b));
    cases.add(
        TfliteCase.of(
            "litert_mul", multi, "mul", Expected.equalTo(filled("output", 12, 10, 10)), a, b));
    cases.add(
        TfliteCase.of(
            "litert_reverse",
            reverse,
            Expected.equalTo(filled("sum", 8, 1, 8), filled("prod", 12, 1, 8)),
            filled("x", 6, 1, 8),
            filled("y", 2, 1, 8)));
    for (int rows : new int[] {1, 5}) {
      cases.add(
          TfliteCase.of(
              "litert_dynamic_" + rows,
              dynamic,
              Expected.equalTo(filled("tfl.add", 8, rows, 128, 4)),
              filled("arg0", 6, rows, 128, 4),
              filled("arg1", 2, rows, 128, 4)));
      cases.add(
          TfliteCase.of(
              "ovms_dummy_" + rows,
              dummy,
              Expected.equalTo(filled("out", 4, rows, 10)),
              filled("in", 3, rows, 10)));
    }
    cases.add(
        TfliteCase.of(
            "litert_mixed",
            mixed,
            Expected.shaped("Identity", 1, 10).and(Expected.finite()),
            TensorData.random("int_input", DType.INT32, Shape.of(1, 10), 1),
            TensorData.random("float_input", DType.FLOAT32, Shape.of(1, 10), 2)));
    cases.add(
        TfliteCase.of(
            "litert_constant_output",
            constant,
            Expected.shaped("constant_output", 4)
                .and(Expected.shaped("normal_output", 2))
                .and(Expected.finite()),
            TensorData.floats("input", Shape.of(2), 1, 2)));
    return cases;
  }

  private static TensorData filled(String name, float value, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elementCount()];
    Arrays.fill(values, value);
    return TensorData.floats(name, shape, values);
  }

  /** Each output is an input and a number that the model adds. */
  private static List<TfliteCase> signatures(Path directory) {
    List<TfliteCase> cases = new ArrayList<>();
    TensorData[] inputs = {
      TensorData.floats("first_input", Shape.of(1, 1), 1),
      TensorData.floats("second_input", Shape.of(1, 2), 2, 3),
      TensorData.floats("third_input", Shape.of(1, 3), 4, 5, 6)
    };
    Expected.Answer shaped =
        Expected.shaped("output_0", 1, 1)
            .and(Expected.shaped("output_1", 1, 2))
            .and(Expected.shaped("output_2", 1, 3))
            .and(Expected.finite());
    Path one = directory.resolve("test_single_signature_key_model.tflite");
    Path two = directory.resolve("test_two_signature_keys_model.tflite");
    cases.add(TfliteCase.of("mediapipe_encode", one, "encode", shaped, inputs));
    cases.add(TfliteCase.of("mediapipe_model_one", two, "model_one", shaped, inputs));
    cases.add(TfliteCase.of("mediapipe_model_two", two, "model_two", shaped, inputs));
    cases.add(
        TfliteCase.of(
            "mediapipe_three_times",
            directory.resolve("test_model.tflite"),
            Expected.equalTo(filled("output", 6, 1, 8, 8, 3)),
            filled("input", 2, 1, 8, 8, 3)));
    return cases;
  }

  /** The manifest allows 0.05, and measured 0.0501 for floats and 0.129 for 8-bit integers. */
  private static List<TfliteCase> sines(Path directory) {
    int count = 63;
    double[] angles = new double[count];
    double[] quantised = new double[count];
    for (int i = 0; i < count; i++) {
      angles[i] = i / 10.0;
      quantised[i] = Math.round(angles[i] / 0.024480116) - 128;
    }
    return List.of(
        TfliteCase.of(
            "sine_float",
            directory.resolve("hello_world_float.tflite"),
            sines(angles, 1, 0, 0.051),
            TensorData.numbers("dense_input", DType.FLOAT32, Shape.of(count, 1), angles)),
        TfliteCase.of(
            "sine_int8",
            directory.resolve("hello_world_int8.tflite"),
            sines(angles, 0.008290957, 5, 0.13),
            TensorData.numbers("dense_input", DType.INT8, Shape.of(count, 1), quantised)));
  }

  private static Expected.Answer sines(
      double[] angles, double scale, int zeroPoint, double tolerance) {
    return Expected.that(
        "dense_2",
        output -> {
          double worst = 0;
          for (int i = 0; i < angles.length; i++) {
            double value = (output.number(i) - zeroPoint) * scale;
            worst = Math.max(worst, Math.abs(value - Math.sin(angles[i])));
          }
          return worst <= tolerance
              ? ""
              : worst + " from the sine (expected: <= " + tolerance + ")";
        });
  }

  private static List<TfliteCase> texts(Path tflite) {
    Path directory = tflite.resolve("tfls_sentiment_regex_tokenizer");
    Path model = directory.resolve("test_model_nl_classifier_with_regex_tokenizer.tflite");
    Map<String, Integer> words = words(directory.resolve("vocab_for_regex_tokenizer.txt"));
    String good = "This is the best movie I\u2019ve seen in recent years. Strongly recommend it!";
    Path labelled =
        tflite.resolve(
            "tfls_bool_output/test_model_nl_classifier_with_associated_label_builtin_ops.tflite");
    return List.of(
        TfliteCase.of(
            "sentiment_bad",
            model,
            Expected.equalTo(
                1e-6, TensorData.floats("Identity", Shape.of(1, 2), 0.81312954f, 0.1868704f)),
            tokens("input_3", words, "What a waste of my time.")),
        TfliteCase.of(
            "sentiment_good",
            model,
            Expected.equalTo(
                1e-6, TensorData.floats("Identity", Shape.of(1, 2), 0.48657346f, 0.5134266f)),
            tokens("input_3", words, good)),
        TfliteCase.of(
            "sentiment_labelled",
            labelled,
            Expected.shaped("Identity", 1, 2).and(Expected.rowsSumToOne("Identity")),
            tokens("input_1", words, good)));
  }

  private static Map<String, Integer> words(Path vocabulary) {
    Map<String, Integer> words = new HashMap<>();
    try {
      for (String line : Files.readAllLines(vocabulary)) {
        String[] fields = line.split(" ");
        words.put(fields[0], Integer.parseInt(fields[1]));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return words;
  }

  private static TensorData tokens(String name, Map<String, Integer> words, String text) {
    double[] tokens = new double[WORDS];
    tokens[0] = START;
    int at = 1;
    for (String word : text.split("[^\\w']+")) {
      tokens[at++] = words.getOrDefault(word, UNKNOWN);
    }
    return TensorData.numbers(name, DType.INT32, Shape.of(1, WORDS), tokens);
  }

  private static List<TfliteCase> refused(Path tflite) {
    return List.of(
        TfliteCase.refused(
            "refused_fake_op",
            tflite.resolve("coral_invalid_models/invalid_models/model_invoking_error.tflite"),
            "fake-op-double"),
        TfliteCase.refused(
            "refused_bool_output",
            tflite.resolve("tfls_bool_output/test_model_nl_classifier_bool_output.tflite"),
            "CUSTOM_OP_STRING_TO_BOOLS"));
  }
}
