package io.salver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class InspectCommandTest {
  private static final Path MODELS =
      Path.of(System.getProperty("basedir", ".")).toAbsolutePath().resolve("../examples/models");

  @TempDir Path directory;
  private final StringWriter out = new StringWriter();

  private int inspect(String... args) {
    CommandLine command = new CommandLine(new InspectCommand());
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(out, true));
    return command.execute(args);
  }

  @Test
  void aModelIsDescribedVersionForVersion() {
    assertThat(inspect(MODELS.resolve("food_delivery_eta").toString())).isZero();
    assertThat(out.toString())
        .containsSubsequence(
            "food_delivery_eta/1\n",
            "  format       onnx\n",
            "  opset        ai.onnx 15\n",
            "  operators    Concat, Cos, Div, Gemm, Mul,",
            "  signature    serving_default\n",
            "    takes      orders_ahead  FLOAT32[-1]\n",
            "    gives      minutes  FLOAT32[-1]\n",
            "  served       yes\n",
            "food_delivery_eta/2\n",
            "  served       yes\n");
  }

  @Test
  void treesAreCounted() {
    assertThat(inspect(MODELS.resolve("food_delivery_late").toString())).isZero();
    assertThat(out.toString())
        .contains("  made by      XGBoost, as JSON\n")
        .containsPattern("  trees        \\d+ with \\d+ nodes\n")
        .contains("  features     5\n", "  sums         1 of a row, logistic\n");
  }

  @Test
  void theDeviceThatAVersionAsksForIsShown() throws IOException {
    Path version = Files.createDirectory(directory.resolve("1"));
    Files.copy(MODELS.resolve("half_plus_two/1/model.onnx"), version.resolve("model.onnx"));
    Files.writeString(version.resolve("model.yaml"), "device: [cuda:0, cpu]\n");
    assertThat(inspect(version.toString())).isZero();
    assertThat(out.toString())
        .contains("  device       cuda:0, else cpu\n", "  served       yes\n");
    Files.writeString(version.resolve("model.yaml"), "device: cuda:0\n");
    assertThat(inspect(version.toString())).isEqualTo(1);
    assertThat(out.toString())
        .contains("  device       cuda:0\n")
        .contains("  served       no: device: cuda:0: the library of ONNX Runtime ");
  }

  @Test
  void theServersConfigurationSaysWhichLibrariesThereAre() throws IOException {
    Path config =
        Files.writeString(
            directory.resolve("salver.yaml"),
            "engines: {device: [cuda:0, cpu], libraries: {onnxruntime: " + directory + "}}\n");
    String version = MODELS.resolve("half_plus_two/1").toString();
    assertThat(inspect(version, "--config=" + config)).isEqualTo(1);
    assertThat(out.toString())
        .contains(
            "served       no: not on cuda:0: ONNX Runtime: "
                + directory
                + ": no libonnxruntime.so (expected: [libonnxruntime.so]); not on cpu: ");
  }

  @Test
  void aVersionOrAFileIsDescribedAlone() {
    String version = MODELS.resolve("half_plus_two/1").toString();
    assertThat(inspect(version, "--no-load")).isZero();
    assertThat(out.toString()).contains("operators").doesNotContain("signature");
    assertThat(inspect(version + "/model.onnx")).isZero();
    assertThat(out.toString()).contains("served       yes");
  }

  @Test
  void aFileIsCalledByItsOwnNameInMessages() throws IOException {
    Path file = Files.writeString(directory.resolve("model.bin"), "GGUF");
    assertThat(inspect(file.toString())).isEqualTo(1);
    assertThat(out.toString()).contains("served       no: " + file + ": a GGUF file");
  }

  @Test
  void whatCannotBeServedIsSaidWithItsReason() throws IOException {
    Path broken = Files.createDirectory(directory.resolve("broken"));
    Files.writeString(broken.resolve("model.onnx"), "no model");
    assertThat(inspect(broken.toString())).isEqualTo(1);
    assertThat(out.toString()).contains("format       onnx").contains("served       no: ");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    assertThat(inspect(empty.toString())).isEqualTo(1);
    assertThat(out.toString()).contains("no engine recognises the files (expected: a model for");
    Path cut = Files.createDirectory(directory.resolve("cut"));
    byte[] whole = Files.readAllBytes(MODELS.resolve("half_plus_two/1/model.onnx"));
    Files.write(cut.resolve("model.onnx"), Arrays.copyOf(whole, whole.length / 2));
    assertThat(inspect(cut.toString())).isEqualTo(1);
    assertThat(out.toString()).contains("served       no: incomplete: ");
  }

  @Test
  void aPathThatIsNotThereIsAMistakeInTheCall() {
    assertThat(inspect(directory.resolve("absent").toString()))
        .isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(out.toString()).contains("absent (expected: a directory or a file)");
  }
}
