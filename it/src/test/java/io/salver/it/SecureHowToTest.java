package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.cli.config.SalverYaml;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/how-to/secure.md says, done as it says. */
class SecureHowToTest {
  @TempDir Path directory;

  private static List<String> blocks(String kind) throws Exception {
    String page = Files.readString(SalverProcess.root().resolve("docs/how-to/secure.md"));
    return Pattern.compile("```" + kind + "\\n(.*?)```", Pattern.DOTALL)
        .matcher(page)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  @Test
  void keysOpenWhatTheyAreFor() throws Exception {
    List<String> commands = blocks("sh");
    assertThat(commands).hasSize(5);
    sh(commands.get(0));
    sh(commands.get(1));
    try (RunningServer server =
        RunningServer.start(
            "--config=" + directory.resolve("salver.yaml"),
            "--model_name=" + HalfPlusTwoCalls.NAME,
            "--model_base_path=" + HalfPlusTwoCalls.directory())) {
      String here = "127.0.0.1:" + server.restPort();
      assertThat(sh(commands.get(2).replace("127.0.0.1:8501", here)).replaceAll("\\s", ""))
          .isEqualTo("{\"predictions\":[2.5,3.0,4.5]}");
      assertThat(sh(commands.get(3).replace("127.0.0.1:8501", here)))
          .isEqualTo("{\"error\":\"role: checkout (predict) (expected: the role observe)\"}");
      assertThat(sh(commands.get(4).replace("127.0.0.1:8501", here)))
          .contains("salver_access_refused_total{reason=\"forbidden\"} 1");
    }
  }

  @Test
  void whatGoesIntoTheFileIsRead() throws Exception {
    sh(blocks("sh").getFirst());
    List<String> yaml = blocks("yaml");
    assertThat(yaml).hasSize(3);
    String key =
        Files.readAllLines(directory.resolve("checkout.key")).stream()
            .filter(line -> line.contains("name: "))
            .findFirst()
            .orElseThrow();
    String limits = yaml.getFirst().strip().replace("\n", ", ");
    String limited = key.substring(0, key.lastIndexOf('}')) + ", " + limits + "}\n";
    for (String text : List.of("access:\n  keys:\n" + limited, yaml.get(1), yaml.get(2))) {
      Path file = Files.writeString(directory.resolve("read.yaml"), text);
      assertThat(SalverYaml.read(file).access().settings().open()).isFalse();
    }
  }

  private String sh(String commands) throws Exception {
    Process process =
        new ProcessBuilder(
                "sh",
                "-ec",
                commands
                    .replace("~/salver", SalverProcess.root().toString())
                    .replace("curl ", "curl -sS -m 20 "))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
