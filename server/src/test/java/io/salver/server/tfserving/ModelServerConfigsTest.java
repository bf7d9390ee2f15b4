package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class ModelServerConfigsTest {
  private static final Set<String> PLATFORMS = Set.of("onnx", "tensorflow");

  @Test
  void readsEveryField() {
    ModelServerConfigs configs =
        parse(
            """
            model_config_list: {
              config: {
                name: "a",
                base_path: "/models/a",
                model_platform: "tensorflow"
              },
              config: {
                name: "b"
                base_path: "file:///models/b"
                model_version_policy { specific { versions: 3 versions: 4 } }
                version_labels { key: "stable" value: 3 }
                logging_config {
                  sampling_config { sampling_rate: 0.25 }
                  log_collector_config { filename_prefix: "b/requests" }
                }
              }
              config { name: "c" base_path: "/c" model_version_policy { all {} } }
              config { name: "d" base_path: "/d" model_version_policy { latest { num_versions: 2 } } }
              config { name: "e" base_path: "/e" model_version_policy { latest {} } model_type: TENSORFLOW }
            }
            """);

    assertThat(configs.models())
        .containsExactly(
            model("a", "/models/a", "tensorflow", VersionPolicy.LATEST, Map.of()),
            model(
                "b",
                "/models/b",
                "",
                new VersionPolicy.Specific(new TreeSet<>(List.of(3L, 4L))),
                Map.of("stable", 3L)),
            model("c", "/c", "", new VersionPolicy.All(), Map.of()),
            model("d", "/d", "", new VersionPolicy.Latest(2), Map.of()),
            model("e", "/e", "tensorflow", VersionPolicy.LATEST, Map.of()));
    assertThat(configs.logging())
        .containsExactly(Map.entry("b", new RequestSampling(0.25, "b/requests")));
  }

  @Test
  void readsAnEmptyFileAsNoModels() {
    assertThat(parse("").models()).isEmpty();
  }

  @Test
  void saysWhereATextCannotBeRead() {
    assertRefused(
        "improperly formatted file",
        "Error parsing text-format tensorflow.serving.ModelServerConfig: 1:12: Expected \"{\".");
    assertThatThrownBy(() -> parse("model_config_list { config { nmae: \"x\" } }"))
        .hasMessageStartingWith(
            "Error parsing text-format tensorflow.serving.ModelServerConfig: 1:30")
        .hasMessageContaining("nmae");
  }

  @Test
  void refusesModelsThatBreakARule() {
    assertRefused(
        config("name: 'a' base_path: '/a'") + config("name: 'a' base_path: '/b'"),
        "Illegal to list model a multiple times in config list");
    assertRefused(
        config("name: 'a' base_path: 'models/a'"),
        "Expected model a to have an absolute path or URI; got base_path()=models/a");
    assertRefused(
        config("name: 'a' base_path: '${TEST_DIR}'"),
        "Expected model a to have an absolute path or URI; got base_path()=${TEST_DIR}");
    assertRefused(
        config("name: 'a' base_path: 'gs://bucket/a'"),
        "model \"a\": base_path: gs://... (expected: a path, file://, s3://, https:// or"
            + " http://)");
    assertRefused(
        config("name: 'a' base_path: '/a' model_platform: 'caffe'"),
        "model \"a\": model_platform: \"caffe\" (expected: one of [onnx, tensorflow], or none, to"
            + " find out from the files)");
    assertRefused(
        config("name: 'a' base_path: '/a' model_version_policy { specific {} }"),
        "model \"a\": versions: none (expected: at least one version)");
    assertRefused(
        config("name: 'a' base_path: '/a' logging_config { sampling_config { sampling_rate: 2 } }"),
        "model \"a\": sampling_rate: 2.0 (expected: 0 to 1)");
    assertRefused(config("base_path: '/a'"), "model \"\": model: name \"\" (expected: a name)");
    assertRefused(
        "custom_model_config { type_url: 'x/y' }",
        "custom_model_config: x/y (expected: model_config_list)");
  }

  private static String config(String fields) {
    return "model_config_list { config { " + fields + " } }\n";
  }

  private static ModelServerConfigs parse(String text) {
    return ModelServerConfigs.parse(text, PLATFORMS);
  }

  private static void assertRefused(String text, String message) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOfSatisfying(
            ServingException.class,
            e -> assertThat(e.category()).isEqualTo(Category.INVALID_ARGUMENT))
        .hasMessage(message);
  }

  private static ModelConfig model(
      String name, String path, String platform, VersionPolicy policy, Map<String, Long> labels) {
    return new ModelConfig(name, Path.of(path), platform, policy, labels);
  }
}
