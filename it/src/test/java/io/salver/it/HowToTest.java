package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page on models in Java says, done as it says. */
class JavaModelTest {
  private static final Pattern BLOCK = Pattern.compile("```(java|sh)\\n(.*?)```", Pattern.DOTALL);

  @TempDir Path temporary;

  @Test
  void theModelOfTheGuideIsServed() throws Exception {
    Path page = SalverProcess.root().resolve("docs/how-to/write-a-model-in-java.md");
    List<String> blocks =
        BLOCK.matcher(Files.readString(page)).results().map(match -> match.group(2)).toList();
    assertThat(blocks).hasSize(3);
    Files.writeString(temporary.resolve("Fahrenheit.java"), blocks.get(0));
    sh(blocks.get(1));

    Matcher ask = Pattern.compile("serve (.*)\\n(curl .*)\\n").matcher(blocks.get(2));
    assertThat(ask.find()).isTrue();
    String[] options = ask.group(1).replace("$PWD", temporary.toString()).split(" ");
    try (RunningServer server = RunningServer.start(options)) {
      String curl =
          ask.group(2)
              .replace("curl ", "curl -sS -m 20 ")
              .replace("127.0.0.1:8501", "127.0.0.1:" + server.restPort());
      assertThat(sh(curl).replaceAll("\\s", "")).isEqualTo("{\"predictions\":[212.0,-40.0]}");
    }
  }

  private String sh(String commands) throws Exception {
    Process process =
        new ProcessBuilder(
                "sh", "-ec", commands.replace("~/salver", SalverProcess.root().toString()))
            .directory(temporary.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
