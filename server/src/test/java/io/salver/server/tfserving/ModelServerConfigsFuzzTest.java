package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.salver.predict.ServingException;
import io.salver.server.fuzz.AllocationBound;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts of {@code --model_config_file}, which an operator writes by hand. */
class ModelServerConfigsFuzzTest {
  private static final Set<String> PLATFORMS = Set.of("onnx", "tensorflow");

  static Stream<byte[]> seeds() {
    return Stream.of(
            """
            model_config_list {
              config {
                name: "b" base_path: "file:///models/b" model_platform: "onnx"
                model_version_policy { specific { versions: 3 versions: 4 } }
                version_labels { key: "stable" value: 3 }
                logging_config {
                  sampling_config { sampling_rate: 0.25 }
                  log_collector_config { filename_prefix: "b/requests" }
                }
              }
            }
            """,
            "model_config_list: { config: { name: 'a', base_path: \"/a\", model_type: TENSORFLOW } }",
            "model_config_list { config { name: \"d\" base_path: \"/d\""
                + " model_version_policy { latest { num_versions: 2 } } } }")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void textsAreReadOrRefusedWithAReason(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    AllocationBound.check(
        input.length,
        () -> {
          try {
            ModelServerConfigs.parse(text, PLATFORMS);
          } catch (ServingException e) {
            assertThat(e.getMessage()).isNotEmpty();
          }
        });
  }
}
