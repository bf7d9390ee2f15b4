package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** A page of the documentation, to be done as it says. */
final class DocPage {
  private final String text;

  /** A page by its path below {@code docs}. */
  DocPage(String path) throws IOException {
    this.text = Files.readString(SalverProcess.root().resolve("docs").resolve(path));
  }

  /** Its blocks of these kinds, as {@code sh} or {@code java|sh}, in order. */
  List<String> blocks(String kinds) {
    return Pattern.compile("```(?:" + kinds + ")\\n(.*?)```", Pattern.DOTALL)
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  /** Runs commands in {@code directory}; what they print. Fails the test if they fail. */
  static String sh(Path directory, String commands) throws Exception {
    Process process =
        new ProcessBuilder(
                "sh", "-ec", commands.replace("~/salver", SalverProcess.root().toString()))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** The same with curl commands for a server on the default port put to {@code server}. */
  static String curl(Path directory, String commands, RunningServer server) throws Exception {
    return sh(
        directory,
        commands
            .replace("curl ", "curl -sS -m 20 ")
            .replace("127.0.0.1:8501", "127.0.0.1:" + server.restPort()));
  }
}
