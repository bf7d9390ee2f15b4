package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts that cannot succeed: each ends at once, with an exit code and a reason. */
class BadStartTest {
  private static final int CALLED_WRONGLY = 2;
  private static final int FAILED = 1;

  @TempDir Path temporary;

  private static void assertEnds(int exitCode, List<String> texts, String... arguments)
      throws Exception {
    try (SalverProcess process = SalverProcess.start(arguments)) {
      String output = process.output();
      assertThat(output).contains(texts).doesNotContain("\tat ");
      assertThat(process.exitCode()).as(output).isEqualTo(exitCode);
    }
  }

  private void assertServeEnds(int exitCode, List<String> texts, String... more) throws Exception {
    String[] arguments = new String[more.length + 4];
    arguments[0] = "serve";
    arguments[1] = "--port=" + SalverProcess.freePort();
    arguments[2] = "--rest_api_port=" + SalverProcess.freePort();
    arguments[3] = "--log_level=info";
    System.arraycopy(more, 0, arguments, 4, more.length);
    assertEnds(exitCode, texts, arguments);
  }

  private void assertConfigIsRefused(String yaml, String... texts) throws Exception {
    Path file = Files.writeString(temporary.resolve("salver.yaml"), yaml);
    assertServeEnds(CALLED_WRONGLY, List.of(texts), "--config=" + file);
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertEnds(
          FAILED,
          List.of(Integer.toString(port), "in use"),
          "serve",
          "--port=" + port,
          "--rest_api_port=" + SalverProcess.freePort(),
          "--model_base_path=" + HalfPlusTwoCalls.directory());
    }
  }

  @Test
  void aSecondServerOnTheSamePortsEndsAndTheFirstGoesOn() throws Exception {
    String model = "--model_base_path=" + HalfPlusTwoCalls.directory();
    try (RunningServer first = RunningServer.start("--model_name=half_plus_two", model)) {
      assertEnds(
          FAILED,
          List.of(Integer.toString(first.grpcPort()), "in use"),
          "serve",
          "--port=" + first.grpcPort(),
          "--rest_api_port=" + first.restPort(),
          model);
      assertThat(first.rest().post("/v1/models/half_plus_two:predict", HalfPlusTwoCalls.json(1)))
          .extracting(RestClient.Answer::status)
          .isEqualTo(200);
    }
  }

  @Test
  void anUnknownFlagIsNamed() throws Exception {
    assertServeEnds(CALLED_WRONGLY, List.of("--no_such_flag"), "--no_such_flag=1");
  }

  @Test
  void aFlagOfTensorFlowServingThatIsNotTakenHasAReason() throws Exception {
    assertServeEnds(
        CALLED_WRONGLY, List.of("--enable_profiler is not taken: "), "--enable_profiler=true");
    assertServeEnds(
        CALLED_WRONGLY,
        List.of("--tensorflow_session_config_file is not taken: "),
        "--tensorflow_session_config_file=/none");
  }

  @Test
  void aFlagWithAWrongValueIsNamedWithTheValue() throws Exception {
    assertEnds(CALLED_WRONGLY, List.of("--port", "eighty"), "serve", "--port=eighty");
    assertEnds(CALLED_WRONGLY, List.of("70000"), "serve", "--port=70000", "--model_base_path=/x");
  }

  @Test
  void nothingToServeSaysWhatIsExpected() throws Exception {
    assertServeEnds(CALLED_WRONGLY, List.of("models: none", "--model_base_path"));
  }

  @Test
  void anUnknownKeyOfTheConfigurationIsNamedWithThoseThatThereAre() throws Exception {
    assertConfigIsRefused(
        "lifecycle:\n  pol: 1s\n", "salver.yaml", "unknown key: lifecycle.pol", "poll");
    assertConfigIsRefused("lifecicle: {}\n", "unknown key: lifecicle", "lifecycle");
  }

  @Test
  void aWrongValueInTheConfigurationIsNamedWithWhatIsExpected() throws Exception {
    assertConfigIsRefused(
        "lifecycle:\n  poll: soon\n", "lifecycle.poll", "soon", "expected: a number and us, ms");
    assertConfigIsRefused(
        "listen:\n  event_loops: many\n", "listen.event_loops", "many", "expected: an integer");
    assertConfigIsRefused("models: 1\n", "models", "expected: a list");
    assertConfigIsRefused("models: [unclosed\n", "not YAML");
  }

  @Test
  void aConfigurationFileThatIsNotThereIsNamed() throws Exception {
    Path none = temporary.resolve("none.yaml");
    assertServeEnds(CALLED_WRONGLY, List.of(none.toString()), "--config=" + none);
  }

  @Test
  void aModelConfigurationFileThatCannotBeReadIsNamedWithThePlace() throws Exception {
    Path file =
        Files.writeString(temporary.resolve("models.config"), "improperly formatted file\n");
    try (SalverProcess process =
        SalverProcess.start("serve", "--model_config_file=" + file, "--port=0")) {
      String output = process.output();
      assertThat(output).contains("models.config").doesNotContain("\tat ");
      assertThat(process.exitCode()).as(output).isIn(FAILED, CALLED_WRONGLY);
    }
  }

  @Test
  void withoutAJdkItSaysWhereItLookedAndWhatToDo() throws Exception {
    Path tools = Files.createDirectories(temporary.resolve("tools"));
    for (String tool : List.of("sh", "cat", "ls", "dirname")) {
      Path script = tools.resolve(tool);
      Files.writeString(script, "#!/bin/sh\nexec " + onPath(tool) + " \"$@\"\n");
      assertThat(script.toFile().setExecutable(true)).isTrue();
    }
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", SalverProcess.root().resolve("salver").toString(), "serve")
            .redirectErrorStream(true);
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH", tools.toString(),
                "HOME", temporary.toString(),
                "FIND_JDK25_ROOT", temporary.toString()));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isEqualTo(FAILED);
    assertThat(output).contains("No JDK 25 found.", "JAVA_HOME", "https://adoptium.net");
  }

  private static Path onPath(String tool) throws IOException {
    for (String directory : System.getenv("PATH").split(":", -1)) {
      Path file = Path.of(directory, tool);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    throw new IOException(tool + " is not on the PATH");
  }
}
