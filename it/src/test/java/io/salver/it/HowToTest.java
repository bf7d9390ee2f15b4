package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.salver.wire.ProtoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the pages on model formats say, done as they say, with models that the tests have. */
class HowToTest {
  private static final Pattern CURL =
      Pattern.compile("^curl .*?(?=\\n\\S|\\n?\\z)", Pattern.DOTALL | Pattern.MULTILINE);

  /** By XGBoost: one tree, which goes by the second of four features. */
  private static final String TREE =
      """
      {"learner":{"attributes":{},"gradient_booster":{"model":{"gbtree_model_param":{},
      "tree_info":[0],"trees":[{"categories":[],"categories_nodes":[],"categories_segments":[],
      "categories_sizes":[],"default_left":[0,0,0],"left_children":[1,-1,-1],
      "right_children":[2,-1,-1],"split_conditions":[0.5,1,2],"split_indices":[1,0,0],
      "split_type":[0,0,0],"sum_hessian":[4,1,3],"tree_param":{"num_nodes":"3","size_leaf_vector":"1"}}]},
      "name":"gbtree"},"learner_model_param":{"base_score":"5E-1","num_class":"0",
      "num_feature":"4"},"objective":{"name":"reg:squarederror"}},"version":[2,0,3]}
      """;

  @TempDir Path temporary;

  /** The blocks of Java and of shell commands on a page. */
  private static List<String> blocks(String page) throws IOException {
    return new DocPage("how-to/" + page).blocks("java|sh");
  }

  @Test
  void aModelInJavaIsServed() throws Exception {
    List<String> blocks = blocks("write-a-model-in-java.md");
    assertThat(blocks).hasSize(3);
    Files.writeString(temporary.resolve("Fahrenheit.java"), blocks.get(0));
    DocPage.sh(temporary, blocks.get(1));
    List<String> answers = ask("fahrenheit", temporary.resolve("models/fahrenheit"), blocks.get(2));
    assertThat(answers.getFirst().replaceAll("\\s", ""))
        .isEqualTo("{\"predictions\":[212.0,-40.0]}");
  }

  @Test
  void aFunctionInPythonIsServed() throws Exception {
    WorkerModels.requirePython("numpy");
    List<String> files = new DocPage("how-to/serve-python.md").blocks("python|yaml");
    Path version = Files.createDirectories(temporary.resolve("iris/1"));
    Files.writeString(version.resolve("model.py"), files.get(0));
    Files.writeString(version.resolve("model.yaml"), files.get(1));
    String commands = String.join("\n", blocks("serve-python.md"));
    List<String> answers = ask("iris", temporary.resolve("iris"), commands);
    assertThat(answers.getFirst().replaceAll("\\s", ""))
        .isEqualTo(
            "{\"predictions\":[{\"area\":17.5,\"large\":false},"
                + "{\"area\":19.5,\"large\":true}]}");
  }

  @Test
  void aModelOfTreesIsServed() throws Exception {
    Path version = Files.createDirectories(temporary.resolve("churn/1"));
    Files.writeString(version.resolve("model.json"), TREE);
    String commands = String.join("\n", blocks("trees.md"));
    List<String> answers = ask("churn", temporary.resolve("churn"), commands);
    assertThat(answers).hasSize(4);
    assertThat(json(answers.get(0)).getAsJsonArray("predictions"))
        .isEqualTo(JsonParser.parseString("[2.5, 1.5]"));
    assertThat(data(answers.get(1))).isEqualTo(JsonParser.parseString("[2.5, 1.5]"));
    String contributions = "[0.0, 0.25, 0.0, 0.0, 2.25]";
    assertThat(json(answers.get(2)).getAsJsonArray("predictions").get(0))
        .isEqualTo(JsonParser.parseString(contributions));
    assertThat(data(answers.get(3))).isEqualTo(JsonParser.parseString(contributions));
  }

  @Test
  void aTensorFlowLiteModelIsServed() throws Exception {
    Path model =
        TestData.required()
            .resolve("C_tflite/tfs_tflite_half_plus_two/saved_model_half_plus_two_tflite");
    String commands = String.join("\n", blocks("tflite.md"));
    List<String> answers = ask("churn", model, commands);
    assertThat(answers).hasSize(2);
    assertThat(json(answers.get(0)).getAsJsonObject("metadata").has("signature_def")).isTrue();
    assertThat(json(answers.get(1)).getAsJsonArray("predictions"))
        .isEqualTo(JsonParser.parseString("[2.5, 3.0, 4.5]"));
  }

  @Test
  void aModelThatPrefersAGpuIsServedWithoutOne() throws Exception {
    Path version = Files.createDirectories(temporary.resolve("churn/1"));
    ModelDirectories.copy(HalfPlusTwoCalls.directory().resolve("1"), version);
    Files.writeString(version.resolve("model.yaml"), block("gpu.md", "yaml"));
    List<String> answers =
        ask("churn", temporary.resolve("churn"), String.join("\n", blocks("gpu.md")));
    assertThat(json(answers.getFirst()).getAsJsonArray("predictions"))
        .isEqualTo(JsonParser.parseString("[2.5, 3.0, 4.5]"));
  }

  @Test
  void aPmmlModelIsServed() throws Exception {
    Path model =
        TestData.required()
            .resolve(
                "D_other/pmml_kserve_iris/python/pmmlserver/pmmlserver/example_model/model/model.pmml");
    Path version = Files.createDirectories(temporary.resolve("iris/1"));
    Files.copy(model, version.resolve("model.pmml"));
    List<String> answers =
        ask("iris", temporary.resolve("iris"), String.join("\n", blocks("pmml.md")));
    assertThat(answers).hasSize(3);
    for (String answer : List.of(answers.get(0), answers.get(2))) {
      JsonObject row = json(answer).getAsJsonArray("predictions").get(0).getAsJsonObject();
      assertThat(row.get("Species").getAsString()).isEqualTo("setosa");
      assertThat(row.get("Probability_setosa").getAsDouble()).isEqualTo(1);
    }
    assertThat(data(answers.get(1))).isEqualTo(JsonParser.parseString("[\"setosa\"]"));
  }

  /** The elements of the first output of an answer by the Open Inference Protocol. */
  private static JsonArray data(String answer) {
    return json(answer).getAsJsonArray("outputs").get(0).getAsJsonObject().getAsJsonArray("data");
  }

  @Test
  void aTorchScriptModelIsServed() throws Exception {
    Path archive = TestData.required().resolve("D_other/triton_add_sub_torch/add_sub/1/model.pt");
    Path model = temporary.resolve("add_sub");
    Files.copy(archive, Files.createDirectories(model.resolve("1")).resolve("model.pt"));
    Files.writeString(
        model.resolve("config.pbtxt"), block("torchscript.md", "pbtxt").stripIndent());
    String commands = String.join("\n", blocks("torchscript.md"));
    List<String> answers = ask("add_sub", model, commands, withPlugins());
    assertThat(answers).hasSize(2);
    JsonArray outputs = json(answers.get(0)).getAsJsonArray("outputs");
    assertThat(outputs)
        .extracting(output -> output.getAsJsonObject().get("name").getAsString())
        .containsExactly("sum", "difference");
    assertThat(outputs.get(0).getAsJsonObject().get("data"))
        .isEqualTo(JsonParser.parseString("[11.0, 22.0, 33.0, 44.0]"));
    JsonObject row = json(answers.get(1)).getAsJsonArray("predictions").get(0).getAsJsonObject();
    assertThat(row.get("difference"))
        .isEqualTo(JsonParser.parseString("[-9.0, -18.0, -27.0, -36.0]"));
  }

  @Test
  void aCaffeNetworkIsServed() throws Exception {
    Path version = Files.createDirectories(temporary.resolve("iris/1"));
    Files.writeString(version.resolve("deploy.prototxt"), block("caffe.md", "prototxt"));
    Files.write(version.resolve("model.caffemodel"), irisWeights());
    String commands = String.join("\n", blocks("caffe.md"));
    List<String> answers = ask("iris", temporary.resolve("iris"), commands, withPlugins());
    assertThat(answers).hasSize(2);
    JsonArray rows = json(answers.get(0)).getAsJsonArray("predictions");
    assertThat(rows).hasSize(2);
    double[] scores = {Math.exp(5.1), Math.exp(3.5), Math.exp(1.4)};
    assertThat(rows.get(0).getAsJsonArray().get(0).getAsDouble())
        .isCloseTo(scores[0] / (scores[0] + scores[1] + scores[2]), within(1e-5));
    JsonObject output = json(answers.get(1)).getAsJsonArray("outputs").get(0).getAsJsonObject();
    assertThat(output.get("name").getAsString()).isEqualTo("probabilities");
    assertThat(output.getAsJsonArray("data")).isEqualTo(rows.get(0));
  }

  /** One layer, whose matrix passes the first three features on. */
  private static byte[] irisWeights() {
    ProtoWriter matrix =
        new ProtoWriter()
            .packedFloat32(5, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)
            .message(7, new ProtoWriter().packedInt64(1, 3, 4));
    ProtoWriter bias =
        new ProtoWriter().packedFloat32(5, 0, 0, 0).message(7, new ProtoWriter().packedInt64(1, 3));
    ProtoWriter layer =
        new ProtoWriter()
            .string(1, "scores")
            .string(2, "InnerProduct")
            .message(7, matrix)
            .message(7, bias);
    return new ProtoWriter().message(100, layer).toByteArray();
  }

  /** What makes a server use plug-ins that are not installed. */
  private String withPlugins() throws IOException {
    Path plugins = temporary.resolve("plugins");
    PluginDirectory.make(plugins);
    Path yaml =
        Files.writeString(
            temporary.resolve("salver.yaml"), "engines: {plugins: " + plugins + "}\n");
    return "--config=" + yaml;
  }

  /** The first block of a page that is not to be run. */
  private static String block(String page, String kind) throws IOException {
    return new DocPage("how-to/" + page).blocks(kind).getFirst();
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  /** Serves a model and runs the curl commands among {@code commands}; their answers. */
  private List<String> ask(String name, Path model, String commands, String... options)
      throws Exception {
    List<String> all =
        new ArrayList<>(List.of("--model_name=" + name, "--model_base_path=" + model));
    all.addAll(List.of(options));
    try (RunningServer server = RunningServer.start(all.toArray(String[]::new))) {
      List<String> curls = CURL.matcher(commands).results().map(match -> match.group()).toList();
      assertThat(curls).isNotEmpty();
      List<String> answers = new ArrayList<>();
      for (String curl : curls) {
        answers.add(DocPage.curl(temporary, curl, server));
      }
      return answers;
    }
  }
}
