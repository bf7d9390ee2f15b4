package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that others trained get pictures as files, and give names. */
class ImageModelsTest {
  private static final String LABELS = "coral_mobilenet_v1_0.25_128_quant/imagenet_labels.txt";

  @TempDir static Path temporary;
  private static Path data;
  private static RunningServer server;

  @BeforeAll
  static void start() throws Exception {
    data = TestData.required();
    Path tflite = data.resolve("C_tflite");
    model(
        "bytes",
        tflite.resolve("tfls_mobilenet_v1_0.25_224_quant/mobilenet_v1_0.25_224_quant.tflite"),
        tflite.resolve(LABELS),
        """
        preprocess: [{image: {tensor: input}}]
        postprocess:
          - labels: {tensor: MobilenetV1/Predictions/Reshape_1, file: labels.txt, top: 2}
        """);
    model(
        "floats",
        tflite.resolve("tfls_mobilenet_v1_0.25_224_float/mobilenet_v1_0.25_224_1_default_1.tflite"),
        tflite.resolve(LABELS),
        """
        preprocess: [{image: {tensor: input, range: [-1, 1], resize: stretch}}]
        postprocess:
          - labels: {tensor: MobilenetV1/Predictions/Reshape_1, file: labels.txt, top: 2}
        """);
    model(
        "halves",
        data.resolve("B_onnx/squeezenet_fp16_imagenet/SharedContent/models/SqueezeNet_fp16.onnx"),
        data.resolve("F_images/imagenet_synset_list/synset.txt"),
        """
        preprocess:
          - image: {tensor: data_0, color: bgr, resize: crop, mean: [104, 117, 124]}
        postprocess:
          - labels: {tensor: softmaxout_1, file: labels.txt, top: 2}
        """);
    StringBuilder config = new StringBuilder("model_config_list {\n");
    for (String name : new String[] {"bytes", "floats", "halves"}) {
      config.append(ModelDirectories.entry(name, temporary.resolve(name)));
    }
    Path file = Files.writeString(temporary.resolve("models.config"), config.append("}\n"));
    server = RunningServer.start("--model_config_file=" + file);
  }

  private static void model(String name, Path model, Path labels, String yaml) throws Exception {
    Path version = Files.createDirectories(temporary.resolve(name).resolve("1"));
    ModelDirectories.copy(model, version);
    Files.copy(labels, version.resolve("labels.txt"));
    Files.writeString(version.resolve("model.yaml"), yaml);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static RestClient.Answer ask(String model, byte[] image) throws Exception {
    String encoded = Base64.getEncoder().encodeToString(image);
    return server
        .rest()
        .post(
            "/v1/models/" + model + ":predict",
            "{\"instances\": [{\"image\": {\"b64\": \"" + encoded + "\"}}]}");
  }

  private static JsonObject prediction(String model, Path image) throws Exception {
    RestClient.Answer answer = ask(model, Files.readAllBytes(image));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json().getAsJsonObject().getAsJsonArray("predictions").get(0).getAsJsonObject();
  }

  private static String best(JsonObject prediction) {
    return prediction.getAsJsonArray("label").get(0).getAsString();
  }

  private static double score(JsonObject prediction) {
    return prediction.getAsJsonArray("score").get(0).getAsDouble();
  }

  @Test
  void aJpegIsRecognisedByANetworkOfBytesAndOneOfFloats() throws Exception {
    Path burger = data.resolve("C_tflite/tfls_mobilenet_v1_0.25_224_float/burger.jpg");
    JsonObject bytes = prediction("bytes", burger);
    assertThat(best(bytes)).contains("cheeseburger");
    assertThat(score(bytes)).isGreaterThan(0.9 * 255);
    JsonObject floats = prediction("floats", burger);
    assertThat(best(floats)).contains("cheeseburger");
    assertThat(score(floats)).isGreaterThan(0.8);
  }

  @Test
  void aPngAndAJpegAreRecognisedByANetworkOfHalfFloats() throws Exception {
    Path kitten =
        data.resolve("B_onnx/squeezenet_fp16_imagenet/SharedContent/media/kitten_224.png");
    JsonObject prediction = prediction("halves", kitten);
    assertThat(best(prediction)).contains("tabby, tabby cat");
    assertThat(score(prediction)).isBetween(0.93, 0.95);
    Path photograph = data.resolve("F_images/torchserve_photos/image_classifier/kitten.jpg");
    assertThat(prediction("halves", photograph).getAsJsonArray("label").toString())
        .contains("tabby, tabby cat");
  }

  @Test
  void whatIsNoImageIsRefusedAndTheServerGoesOn() throws Exception {
    byte[] jpeg = Files.readAllBytes(data.resolve("F_images/coral_photos/owl.jpg"));
    RestClient.Answer text = ask("floats", "no image".getBytes(StandardCharsets.US_ASCII));
    assertThat(text.status()).isEqualTo(400);
    assertThat(text.error()).contains("input \"image\": image 0 of 8 bytes: unknown format");
    RestClient.Answer cut = ask("floats", Arrays.copyOf(jpeg, 100));
    assertThat(cut.status()).isEqualTo(400);
    assertThat(ask("floats", jpeg).status()).isEqualTo(200);
  }

  @Test
  void metadataSaysWhatClientsSendAndGet() throws Exception {
    JsonObject metadata = server.rest().get("/v2/models/halves").json().getAsJsonObject();
    assertThat(metadata.getAsJsonArray("inputs").toString()).contains("\"image\"", "BYTES");
    assertThat(metadata.getAsJsonArray("outputs").toString()).contains("\"label\"", "\"score\"");
  }
}
