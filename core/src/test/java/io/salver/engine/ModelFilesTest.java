package io.salver.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFilesTest {
  @TempDir Path temp;

  @Test
  void resolvesFilesBelowTheDirectoryWhetherTheyExistOrNot() throws Exception {
    ModelFiles files = new ModelFiles(temp);
    assertThat(files.resolve("a/../model.onnx")).isEqualTo(temp.resolve("model.onnx"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secret", "a/../../secret", "/etc/passwd", ".."})
  void refusesPathsThatLeaveTheDirectory(String hostile) {
    assertThatThrownBy(() -> new ModelFiles(temp).resolve(hostile))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining(hostile)
        .hasMessageContaining("inside the model directory");
  }

  @Test
  void refusesLinksThatLeaveTheDirectory() throws Exception {
    Path version = Files.createDirectory(temp.resolve("1"));
    Path secret = Files.writeString(temp.resolve("secret"), "s");
    Files.createSymbolicLink(version.resolve("weights"), secret);
    assertThatThrownBy(() -> new ModelFiles(version).resolve("weights"))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("weights");
  }

  @Test
  void addsUpTheBytesOfAllFiles() throws Exception {
    Files.writeString(temp.resolve("a"), "123");
    Files.writeString(Files.createDirectory(temp.resolve("d")).resolve("b"), "4567");
    assertThat(new ModelFiles(temp).sizeBytes()).isEqualTo(7);
  }
}
