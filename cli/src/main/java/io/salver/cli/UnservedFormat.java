package io.salver.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file that people take for a model that can be served, and that is none: what it is, and what
 * leads to one. Found by its first bytes, or else by its name.
 *
 * @param file where it is
 * @param what its format
 * @param remedy what to do
 */
record UnservedFormat(Path file, String what, String remedy) {
  private static final int MAX_FILES = 256;
  private static final int HEAD_BYTES = 64;

  private record Kind(byte @Nullable [] magic, List<String> endings, String what, String remedy) {
    static Kind of(String magic, List<String> endings, String what, String remedy) {
      byte[] bytes = magic.isEmpty() ? null : magic.getBytes(StandardCharsets.ISO_8859_1);
      return new Kind(bytes, endings, what, remedy);
    }

    boolean is(byte[] head, String name) {
      if (magic != null) {
        return head.length >= magic.length
            && Arrays.equals(head, 0, magic.length, magic, 0, magic.length)
            && (endings.isEmpty() || hasEnding(name));
      }
      return hasEnding(name);
    }

    private boolean hasEnding(String name) {
      return endings.stream().anyMatch(name::endsWith);
    }
  }

  private static final String UNPACK = "unpack it: a version is a directory of plain files";

  private static final List<Kind> POINTERS =
      List.of(
          Kind.of(
              "version https://git-lfs",
              List.of(),
              "a pointer of Git LFS, which stands for a file that was not fetched",
              "fetch the file with: git lfs pull"));

  /** The first that fits counts. */
  private static final List<Kind> KINDS =
      List.of(
          Kind.of(
              "GGUF",
              List.of(),
              "a GGUF file, a language model of llama.cpp",
              "Salver serves no language models; llama.cpp's own server reads it"),
          Kind.of(
              "\u0089HDF\r\n",
              List.of(),
              "an HDF5 file, as Keras wrote its models",
              "load it with Keras and write a SavedModel with: model.export(directory)"),
          Kind.of(
              "PK\u0003\u0004",
              List.of(".keras"),
              "a Keras archive",
              "load it with Keras and write a SavedModel with: model.export(directory)"),
          Kind.of(
              "\u0093NUMPY",
              List.of(),
              "an array of NumPy, not a model",
              "export the model that it belongs to, for example to ONNX"),
          Kind.of(
              "PK\u0003\u0004",
              List.of(".npz"),
              "arrays of NumPy, not a model",
              "export the model that they belong to, for example to ONNX"),
          Kind.of(
              "",
              List.of(".safetensors"),
              "a file of weights alone, without the network that they belong to",
              "load it where it was trained and export the model, for example to ONNX"),
          Kind.of("PK\u0003\u0004", List.of(".zip"), "a zip archive", UNPACK),
          Kind.of("", List.of(".tar", ".tar.gz", ".tgz"), "a tar archive", UNPACK),
          Kind.of(
              "",
              List.of(".mlmodel", ".mlpackage"),
              "a Core ML model",
              "export it to ONNX where it was trained"),
          Kind.of(
              "",
              List.of(".engine", ".plan", ".trt"),
              "a TensorRT engine, which belongs to one kind of GPU",
              "serve the ONNX model that it was made from"),
          Kind.of(
              "",
              List.of(".pdmodel"),
              "a PaddlePaddle model",
              "export it to ONNX with: paddle2onnx"),
          Kind.of(
              "",
              List.of(".ckpt", ".index"),
              "a checkpoint of TensorFlow, weights without signatures",
              "write a SavedModel where it was trained"),
          Kind.of(
              "",
              List.of("_graph.pb", "frozen.pb", "graphdef.pb"),
              "a frozen graph of TensorFlow 1",
              "write a SavedModel from it with TensorFlow's tf.compat.v1.saved_model"));

  /** The first file of a version's directory, by name, that is no model of any engine. */
  static Optional<UnservedFormat> find(Path directory) {
    return find(directory, KINDS);
  }

  /** The first file that only stands for another, whatever its name promises. */
  static Optional<UnservedFormat> findPointer(Path directory) {
    return find(directory, POINTERS);
  }

  private static Optional<UnservedFormat> find(Path directory, List<Kind> kinds) {
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory)) {
      int count = 0;
      UnservedFormat first = null;
      for (Path path : paths) {
        if (++count > MAX_FILES) {
          break;
        }
        Optional<UnservedFormat> format = ofFile(path, kinds);
        if (format.isPresent() && (first == null || path.compareTo(first.file) < 0)) {
          first = format.get();
        }
      }
      return Optional.ofNullable(first);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<UnservedFormat> ofFile(Path file, List<Kind> kinds) {
    byte[] head = head(file);
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return kinds.stream()
        .filter(kind -> kind.is(head, name))
        .findFirst()
        .map(kind -> new UnservedFormat(file, kind.what(), kind.remedy()));
  }

  private static byte[] head(Path file) {
    if (!Files.isRegularFile(file)) {
      return new byte[0];
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(HEAD_BYTES);
    } catch (IOException e) {
      return new byte[0];
    }
  }

  /** All of it in a sentence, for an operator. */
  String message() {
    return file + ": " + what + " (expected: a model that Salver serves); " + remedy;
  }
}
