package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.cli.config.SalverYaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/how-to/secure.md says, done as it says. */
class SecureHowToTest {
  @TempDir Path directory;

  private static List<String> blocks(String kind) throws Exception {
    return new DocPage("how-to/secure.md").blocks(kind);
  }

  @Test
  void keysOpenWhatTheyAreFor() throws Exception {
    List<String> commands = blocks("sh");
    assertThat(commands).hasSize(5);
    DocPage.sh(directory, commands.get(0));
    DocPage.sh(directory, commands.get(1));
    try (RunningServer server =
        RunningServer.start(
            "--config=" + directory.resolve("salver.yaml"),
            "--model_name=" + HalfPlusTwoCalls.NAME,
            "--model_base_path=" + HalfPlusTwoCalls.directory())) {
      assertThat(DocPage.curl(directory, commands.get(2), server).replaceAll("\\s", ""))
          .isEqualTo("{\"predictions\":[2.5,3.0,4.5]}");
      assertThat(DocPage.curl(directory, commands.get(3), server))
          .isEqualTo("{\"error\":\"role: checkout (predict) (expected: the role observe)\"}");
      assertThat(DocPage.curl(directory, commands.get(4), server))
          .contains("salver_access_refused_total{reason=\"forbidden\"} 1");
    }
  }

  @Test
  void whatGoesIntoTheFileIsRead() throws Exception {
    DocPage.sh(directory, blocks("sh").getFirst());
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
}
