package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.salver.examples.onnx.OnnxWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What docs/reference/endpoints.md and docs/how-to/console.md say, done as they say. */
@Timeout(120)
class EndpointsDocTest {
  @TempDir private static Path temporary;
  private static DocPage page;
  private static RunningServer server;

  @BeforeAll
  static void start() throws Exception {
    page = new DocPage("reference/endpoints.md");
    for (String version : List.of("3", "4")) {
      byte[] model =
          new OnnxWriter("churn", 1, "says what it is told")
              .input("x", "a probability")
              .output("probability", "the same")
              .node("Identity", List.of("x"), "probability")
              .toByteArray();
      Path directory = Files.createDirectories(temporary.resolve("churn").resolve(version));
      Files.write(directory.resolve("model.onnx"), model);
    }
    Path config =
        Files.writeString(
            temporary.resolve("salver.yaml"),
            """
            lifecycle: {quiet_period: 0s}
            models:
              - {name: churn, base_path: %s, versions: all, labels: {new: 4}}
            """
                    .formatted(temporary.resolve("churn"))
                + page.blocks("yaml").getFirst());
    server = RunningServer.start("--config=" + config);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void theDefinitionAnswersTakesFeedbackAndIsSteeredByTheCommand() throws Exception {
    List<String> commands = page.blocks("sh");
    assertThat(commands).hasSize(3);
    AtomicReference<String> answer = new AtomicReference<>("");
    // A machine that is busy may miss the objective, and then the default answers.
    Await.until(
        "a model answers within the objective",
        () -> {
          answer.set(DocPage.curl(temporary, commands.get(0), server));
          return answer.get().contains("salver-model: churn");
        });
    assertThat(answer.get())
        .containsPattern("salver-version: [34]")
        .contains("salver-prediction-id: ")
        .contains("0.7");
    assertThat(DocPage.curl(temporary, commands.get(1), server).strip()).isEqualTo("{}");
    String statistics = server.rest().get("/v1/endpoints/churn/statistics").body();
    assertThat(statistics).contains("mean_absolute_error").contains("\"dropped_copies\":0");
    String salver =
        "salver() { ~/salver/salver \"$@\" --address http://127.0.0.1:%d; }\n"
            .formatted(server.restPort());
    String said = DocPage.sh(temporary, salver + commands.get(2));
    assertThat(said).contains("churn").contains("80");
    assertThat(JsonParser.parseString(Files.readString(temporary.resolve("churn.json"))))
        .isNotNull();
    assertThat(server.rest().get("/v1/endpoints/churn").status()).isEqualTo(404);
  }

  @Test
  void theConsolesEventsCanBeListenedTo() throws Exception {
    String command = new DocPage("how-to/console.md").blocks("sh").getFirst().strip();
    String events = DocPage.curl(temporary, command + " | head -n 2", server);
    List<String> lines = events.lines().toList();
    assertThat(lines.get(0)).isEqualTo("event: state");
    assertThat(lines.get(1)).startsWith("data: {").contains("\"ready\":true");
  }
}
