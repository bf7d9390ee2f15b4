package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code ./salver demo}, what it prints, and every example of the documentation. */
class DemoTest {
  private static final int COMMANDS = 4;
  private static final double RELATIVE_TOLERANCE = 1e-5;
  private static final int GRPC_PORT = SalverProcess.freePort();
  private static final int REST_PORT = SalverProcess.freePort();

  private static SalverProcess demo;
  private static List<String> banner;

  @BeforeAll
  static void startDemo() throws Exception {
    demo = SalverProcess.start("demo", "--port=" + GRPC_PORT, "--rest_api_port=" + REST_PORT);
    demo.awaitLine("Try");
    banner = new ArrayList<>();
    for (int i = 0; i < COMMANDS; i++) {
      banner.add(demo.awaitLine("curl"));
    }
    demo.awaitLine("Stop");
  }

  @AfterAll
  static void stopDemo() {
    demo.close();
  }

  @Test
  void theCommandsThatItPrintsAnswer() throws Exception {
    for (String command : banner) {
      assertThat(run(command)).as(command).contains("predictions");
    }
  }

  @Test
  void everyExampleOfTheDocumentationAnswersAsItSays() throws Exception {
    List<DocExamples.Example> examples = DocExamples.all();
    assertThat(examples).hasSizeGreaterThan(4);
    SoftAssertions soft = new SoftAssertions();
    for (DocExamples.Example example : examples) {
      String output = run(example.command());
      soft.assertThat(same(example.answer(), output))
          .as("%s%nexpected %s%nbut got %s", example, example.answer(), output)
          .isTrue();
    }
    soft.assertAll();
  }

  @Test
  void everyExampleImageIsRecognised() throws Exception {
    Path images = SalverProcess.root().resolve("examples/images");
    try (Stream<Path> files = Files.list(images)) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        String command =
            banner
                .getLast()
                .replaceFirst("examples/images/\\w+.jpg", "examples/images/" + file.getFileName());
        String dish = file.getFileName().toString().replace(".jpg", "").replace('_', ' ');
        JsonObject answer = JsonParser.parseString(run(command)).getAsJsonObject();
        JsonObject first = answer.getAsJsonArray("predictions").get(0).getAsJsonObject();
        assertThat(first.getAsJsonArray("label").get(0).getAsString()).isEqualTo(dish);
      }
    }
  }

  private static String run(String command) throws Exception {
    String local =
        command
            .replace("127.0.0.1:8501", "127.0.0.1:" + REST_PORT)
            .replace("127.0.0.1:8500", "127.0.0.1:" + GRPC_PORT);
    Process process =
        new ProcessBuilder("sh", "-c", local.replace("curl ", "curl -sS -m 20 "))
            .directory(SalverProcess.root().toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static boolean same(String expected, String actual) {
    return same(JsonParser.parseString(expected), JsonParser.parseString(actual));
  }

  /**
   * Equal as JSON, numbers within the tolerance; {@code "..."} in what is expected fits anything.
   */
  private static boolean same(JsonElement expected, JsonElement actual) {
    if (expected.isJsonPrimitive() && expected.getAsJsonPrimitive().isString()) {
      return expected.getAsString().equals("...") || expected.equals(actual);
    }
    if (expected instanceof JsonObject e && actual instanceof JsonObject a) {
      return e.keySet().equals(a.keySet())
          && e.keySet().stream().allMatch(key -> same(e.get(key), a.get(key)));
    }
    if (expected instanceof JsonArray e && actual instanceof JsonArray a) {
      for (int i = 0; i < Math.min(e.size(), a.size()); i++) {
        if (!same(e.get(i), a.get(i))) {
          return false;
        }
      }
      return e.size() == a.size();
    }
    if (expected.isJsonPrimitive()
        && expected.getAsJsonPrimitive().isNumber()
        && actual.isJsonPrimitive()
        && actual.getAsJsonPrimitive().isNumber()) {
      double e = expected.getAsDouble();
      return Math.abs(e - actual.getAsDouble()) <= RELATIVE_TOLERANCE * Math.max(1, Math.abs(e));
    }
    return expected.equals(actual);
  }
}
