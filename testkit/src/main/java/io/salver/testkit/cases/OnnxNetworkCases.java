package io.salver.testkit.cases;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Neural networks on pictures, sound and text. */
final class OnnxNetworkCases {
  private static final long SEED = 13;
  private static final int DIGIT_SIDE = 28;
  private static final int DIGIT_PIXELS = DIGIT_SIDE * DIGIT_SIDE;
  private static final int SAMPLES = 576;
  private static final int CONTEXT_SAMPLES = 64;
  private static final int WAV_HEADER_BYTES = 44;

  private OnnxNetworkCases() {}

  static List<OnnxCase> all(Path onnx, Path images) {
    List<OnnxCase> cases = new ArrayList<>(digits(onnx, images));
    cases.addAll(goldenDigits(onnx.resolve("libonnx_mnist_8_golden/mnist_8")));
    cases.addAll(photos(onnx));
    cases.addAll(light(onnx));
    cases.addAll(texts(onnx));
    cases.addAll(faces(onnx.resolve("ultraface_rfb320")));
    cases.add(speech(onnx.resolve("silero_vad")));
    return cases;
  }

  private static List<OnnxCase> digits(Path onnx, Path images) {
    Path cntk = onnx.resolve("mnist_cntk/models/mnist.onnx");
    Path rten = onnx.resolve("rten_mnist_external");
    List<OnnxCase> cases = new ArrayList<>();
    for (int digit = 0; digit < 10; digit++) {
      float[] pixels = Pictures.gray(images.resolve("mnist_png_samples/" + digit + ".png"));
      cases.add(
          OnnxCase.of(
              "mnist_cntk_digit_" + digit,
              cntk,
              Expected.argMax("Plus214_Output_0", digit),
              digit("Input3", pixels)));
    }
    float[] eight = Pictures.gray(onnx.resolve("mnist_cntk/media/mnist_28.png"));
    cases.add(
        OnnxCase.of(
            "mnist_cntk_8", cntk, Expected.argMax("Plus214_Output_0", 8), digit("Input3", eight)));
    Expected.Answer logits = Expected.shaped("logits", 1, 10).and(Expected.finite());
    cases.add(OnnxCase.of("rten_mnist", rten.resolve("mnist.onnx"), logits, digit("input", eight)));
    cases.add(
        OnnxCase.of(
                "rten_mnist_external",
                rten.resolve("mnist-external/mnist.onnx"),
                logits,
                digit("input", eight))
            .beside(rten.resolve("mnist-external/mnist.onnx.data")));
    cases.addAll(testRows(onnx));
    return cases;
  }

  private static TensorData digit(String name, float[] pixels) {
    return TensorData.floats(name, Shape.of(1, 1, DIGIT_SIDE, DIGIT_SIDE), pixels);
  }

  /** The first rows of MNIST's test set, from a text file. */
  private static List<OnnxCase> testRows(Path onnx) {
    List<String> lines = lines(onnx.resolve("tribuo_mnist_head/mnist_test_head.libsvm"));
    List<OnnxCase> cases = new ArrayList<>();
    for (int row = 0; row < 5; row++) {
      String[] fields = lines.get(row).strip().split(" ");
      int label = Integer.parseInt(fields[0]);
      float[] pixels = new float[DIGIT_PIXELS];
      for (int i = 1; i < fields.length; i++) {
        String[] pair = fields[i].split(":");
        pixels[Integer.parseInt(pair[0])] = Float.parseFloat(pair[1]);
      }
      cases.add(
          OnnxCase.of(
              "mnist_cntk_row_" + row,
              onnx.resolve("mnist_cntk/models/mnist.onnx"),
              Expected.argMax("Plus214_Output_0", label),
              digit("Input3", pixels)));
      cases.add(
          OnnxCase.of(
              "lr_mnist_scikit_row_" + row,
              onnx.resolve("ort_lr_mnist_scikit/lr_mnist_scikit.onnx"),
              Expected.argMax("output_probability", label)
                  .and(Expected.shaped("output_probability", 1, 10))
                  .and(
                      Expected.equalTo(
                          TensorData.longs("output_label", Shape.of(1), label),
                          TensorData.longs(
                              "output_probability_labels",
                              Shape.of(10),
                              0,
                              1,
                              2,
                              3,
                              4,
                              5,
                              6,
                              7,
                              8,
                              9))),
              TensorData.floats(
                  "float_input", Shape.of(1, 780), java.util.Arrays.copyOf(pixels, 780))));
    }
    return cases;
  }

  private static List<OnnxCase> goldenDigits(Path mnist) {
    List<OnnxCase> cases = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Path data = mnist.resolve("test_data_set_" + i);
      cases.add(
          OnnxCase.of(
              "mnist_8_golden_" + i,
              mnist.resolve("model.onnx"),
              Expected.equalTo(
                  1e-3, OnnxTensorFiles.read("Plus214_Output_0", data.resolve("output_0.pb"))),
              OnnxTensorFiles.read("Input3", data.resolve("input_0.pb"))));
    }
    return cases;
  }

  private static List<OnnxCase> photos(Path onnx) {
    Path squeezenet = onnx.resolve("squeezenet_fp16_imagenet/SharedContent");
    double[] kitten =
        Pictures.planes(
            squeezenet.resolve("media/kitten_224.png"), 224, 224, "bgr", 1, 104, 117, 124);
    return List.of(
        OnnxCase.of(
            "squeezenet_fp16_kitten",
            squeezenet.resolve("models/SqueezeNet_fp16.onnx"),
            Expected.argMax("softmaxout_1", 281),
            TensorData.numbers("data_0", DType.FLOAT16, Shape.of(1, 3, 224, 224), kitten)),
        OnnxCase.of(
            "fastestdet",
            onnx.resolve("fastestdet/FastestDet.onnx"),
            Expected.shaped("output", 1, 484, 85).and(Expected.finite()),
            TensorData.random("input", DType.FLOAT32, Shape.of(1, 3, 352, 352), SEED)));
  }

  /** Whole topologies with constant weights; ONNX's test runner feeds them a ramp from 0 to 1. */
  private static List<OnnxCase> light(Path onnx) {
    Path a = onnx.resolve("onnx_light_a");
    Path b = onnx.resolve("onnx_light_b");
    return List.of(
        ramp(a, "light_resnet50", "gpu_0/data_0", "gpu_0/softmax_1"),
        ramp(a, "light_squeezenet", "data_0", "softmaxout_1"),
        ramp(a, "light_shufflenet", "gpu_0/data_0", "gpu_0/softmax_1"),
        ramp(b, "light_densenet121", "data_0", "fc6_1"),
        ramp(b, "light_inception_v2", "data_0", "prob_1"),
        ramp(b, "light_vgg19", "data_0", "prob_1"));
  }

  private static OnnxCase ramp(Path directory, String name, String input, String output) {
    float[] ramp = new float[3 * 224 * 224];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (float) ((double) i / ramp.length);
    }
    return OnnxCase.of(
        name,
        directory.resolve(name + ".onnx"),
        Expected.equalTo(
            1e-3, OnnxTensorFiles.read(output, directory.resolve(name + "_output_0.pb"))),
        TensorData.floats(input, Shape.of(1, 3, 224, 224), ramp));
  }

  private static List<OnnxCase> texts(Path onnx) {
    Path transformer = onnx.resolve("vespa_dummy_transformer/dummy_transformer.onnx");
    Path variants = onnx.resolve("vespa_dummy_transformer_without_type_ids");
    TensorData ids = TensorData.longs("input_ids", Shape.of(1, 5), 1, 2, 3, 4, 5);
    TensorData mask = TensorData.longs("attention_mask", Shape.of(1, 5), 1, 1, 1, 1, 1);
    TensorData types = TensorData.longs("token_type_ids", Shape.of(1, 5), 0, 0, 0, 0, 0);
    return List.of(
        OnnxCase.of(
            "dummy_transformer",
            transformer,
            Expected.startsWith(
                    "output_0", 1e-5, 0.4804825, 0.40018916, 0.7545914, 0.042122524, 1.7800103)
                .and(Expected.shaped("output_0", 1, 5, 16)),
            ids,
            mask,
            types),
        OnnxCase.of(
            "dummy_transformer_without_type_ids",
            variants.resolve("dummy_transformer_without_type_ids.onnx"),
            Expected.shaped("output_0", 1, 5, 16).and(Expected.finite()),
            ids,
            mask),
        OnnxCase.of(
            "mock_sentence_embedder",
            variants.resolve("mock_sentence_embedder.onnx"),
            Expected.shaped("sentence_embedding", 1, 3).and(Expected.finite()),
            TensorData.floats("input_ids", Shape.of(1, 3), 1, 2, 3),
            TensorData.floats("attention_mask", Shape.of(1, 3), 1, 1, 1)),
        OnnxCase.of(
            "tinybert",
            onnx.resolve("tinybert/tinybert.onnx"),
            Expected.shaped("output_0", 1, 5, 50)
                .and(Expected.shaped("output_1", 1, 50))
                .and(Expected.finite()),
            ids,
            mask,
            types));
  }

  private static List<OnnxCase> faces(Path ultraface) {
    return List.of(
        faces(ultraface, "13", 2, 2),
        faces(ultraface, "1", 43, 49),
        OnnxCase.of(
            "ultraface_simplified",
            ultraface.resolve("models/onnx/version-RFB-320_simplified.onnx"),
            Expected.shaped("scores", 1, 4420, 2)
                .and(Expected.shaped("boxes", 1, 4420, 4))
                .and(Expected.finite()),
            picture(ultraface, "13")));
  }

  private static OnnxCase faces(Path ultraface, String image, int least, int most) {
    Expected.Answer count =
        outputs -> {
          TensorData scores = outputs.get("scores");
          TensorData boxes = outputs.get("boxes");
          if (scores == null || boxes == null) {
            return Optional.of("scores and boxes expected: " + outputs.keySet());
          }
          int found = Pictures.countBoxes(scores, boxes, 0.7, 0.3);
          return found >= least && found <= most
              ? Optional.empty()
              : Optional.of(found + " faces (expected: " + least + " to " + most + ")");
        };
    return OnnxCase.of(
        "ultraface_" + image,
        ultraface.resolve("models/onnx/version-RFB-320.onnx"),
        count,
        picture(ultraface, image));
  }

  private static TensorData picture(Path ultraface, String image) {
    double[] pixels =
        Pictures.planes(
            ultraface.resolve("imgs/" + image + ".jpg"), 320, 240, "rgb", 128, 127, 127, 127);
    return TensorData.numbers("input", DType.FLOAT32, Shape.of(1, 3, 240, 320), pixels);
  }

  /** The first 512 samples of the recording, after 64 samples of silence. */
  private static OnnxCase speech(Path silero) {
    ByteBuffer wav =
        ByteBuffer.wrap(bytes(silero.resolve("tests/data/test.wav")))
            .order(ByteOrder.LITTLE_ENDIAN);
    float[] samples = new float[SAMPLES];
    for (int i = CONTEXT_SAMPLES; i < SAMPLES; i++) {
      samples[i] = wav.getShort(WAV_HEADER_BYTES + (i - CONTEXT_SAMPLES) * Short.BYTES) / 32768f;
    }
    return OnnxCase.of(
        "silero_vad_first_frame",
        silero.resolve("src/silero_vad/data/silero_vad.onnx"),
        Expected.startsWith("output", 1e-4, 0.2083421).and(Expected.shaped("stateN", 2, 1, 128)),
        TensorData.floats("input", Shape.of(1, SAMPLES), samples),
        TensorData.floats("state", Shape.of(2, 1, 128), new float[256]),
        TensorData.longs("sr", Shape.SCALAR, 16000));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
