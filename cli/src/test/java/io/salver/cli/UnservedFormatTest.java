package io.salver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.engine.Inspection;
import io.salver.engine.ModelFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnservedFormatTest {
  @TempDir Path directory;
  private final UnservedEngine engine = UnservedEngine.ofOtherFormats();

  private Inspection inspect(String name, String content) throws IOException {
    Files.write(directory.resolve(name), content.getBytes(StandardCharsets.ISO_8859_1));
    return engine.inspect(new ModelFiles(directory));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          model.bin         | GGUF123          | a GGUF file
          model.h5          | <hdf>            | an HDF5 file, as Keras wrote its models
          model.keras       | <zip>            | a Keras archive
          x.npy             | <numpy>           | an array of NumPy
          x.NPZ             | <zip>            | arrays of NumPy
          model.zip         | <zip>            | a zip archive
          model.tar.gz      | x                | a tar archive
          model.safetensors | x                | a file of weights alone
          model.mlmodel     | x                | a Core ML model
          model.plan        | x                | a TensorRT engine
          model.pdmodel     | x                | a PaddlePaddle model
          model.ckpt        | x                | a checkpoint of TensorFlow
          frozen.pb         | x                | a frozen graph of TensorFlow 1
          """)
  void aKnownFormatIsNamedWithWhatToDo(String name, String content, String what)
      throws IOException {
    String bytes =
        content
            .replace("<hdf>", "\u0089HDF\r\n")
            .replace("<zip>", "PK\u0003\u0004")
            .replace("<numpy>", "\u0093NUMPY");
    assertThat(inspect(name, bytes))
        .isInstanceOfSatisfying(
            Inspection.Refused.class,
            refused ->
                assertThat(refused.reason())
                    .startsWith(directory.resolve(name) + ": " + what)
                    .contains("(expected: a model that Salver serves); "));
  }

  @Test
  void aPointerIsNamedWhateverItIsCalled() throws IOException {
    String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
    Files.writeString(directory.resolve("model.onnx"), pointer);
    assertThat(UnservedEngine.ofPointers().inspect(new ModelFiles(directory)))
        .isInstanceOfSatisfying(
            Inspection.Refused.class,
            refused ->
                assertThat(refused.reason())
                    .contains("model.onnx: a pointer of Git LFS")
                    .endsWith("fetch the file with: git lfs pull"));
  }

  @Test
  void whatIsNotKnownIsLeftToOthers() throws IOException {
    assertThat(inspect("readme.txt", "hello")).isInstanceOf(Inspection.NotMine.class);
    assertThat(inspect("empty", "")).isInstanceOf(Inspection.NotMine.class);
    assertThat(inspect("model.bin", "PK\u0003\u0004")).isInstanceOf(Inspection.NotMine.class);
    assertThat(engine.inspect(new ModelFiles(directory.resolve("absent"))))
        .isInstanceOf(Inspection.NotMine.class);
  }

  @Test
  void theFirstByNameIsSaid() throws IOException {
    inspect("b.gguf", "GGUF");
    assertThat(inspect("a.npy", "\u0093NUMPY"))
        .isInstanceOfSatisfying(
            Inspection.Refused.class,
            refused -> assertThat(refused.reason()).contains("a.npy").doesNotContain("b.gguf"));
  }
}
