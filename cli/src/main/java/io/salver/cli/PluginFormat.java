package io.salver.cli;

import io.salver.engine.ModelFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;

/** The formats that Salver serves by a plug-in, and how to tell them without it. */
enum PluginFormat {
  /** A zip archive with the constants of TorchScript's code. */
  TORCHSCRIPT("TorchScript", "torch", "torch", ".pt", ".pth", ".jit", ".ts", ".torchscript") {
    @Override
    boolean is(Path file) throws IOException {
      try (ZipFile zip = new ZipFile(file.toFile())) {
        return zip.stream().anyMatch(entry -> entry.getName().endsWith("/constants.pkl"));
      }
    }
  },

  /** A definition with layers, as text. */
  CAFFE("Caffe", "caffe", "opencv", ".prototxt") {
    @Override
    boolean is(Path file) throws IOException {
      try (InputStream in = Files.newInputStream(file)) {
        String start = new String(in.readNBytes(MAX_READ_BYTES), StandardCharsets.UTF_8);
        return LAYER.matcher(start).find();
      }
    }
  };

  private static final int MAX_READ_BYTES = 1 << 20;
  private static final Pattern LAYER = Pattern.compile("(?m)^\\s*layers?\\s*:?\\s*\\{");

  private final String title;
  private final String engine;
  private final String plugin;
  private final List<String> endings;

  PluginFormat(String title, String engine, String plugin, String... endings) {
    this.title = title;
    this.engine = engine;
    this.plugin = plugin;
    this.endings = List.of(endings);
  }

  /** What a file whose name ends so has in it. */
  abstract boolean is(Path file) throws IOException;

  /** As people call it. */
  String title() {
    return title;
  }

  /** The name of its engine. */
  String engine() {
    return engine;
  }

  /** The name of the plug-in that the engine is in. */
  String plugin() {
    return plugin;
  }

  /** A file of this format in a version's directory; files that cannot be read are none. */
  Optional<Path> find(ModelFiles files) {
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(
            files.directory(), file -> endings.stream().anyMatch(file.toString()::endsWith))) {
      for (Path file : all) {
        if (Files.isRegularFile(file) && is(file)) {
          return Optional.of(file);
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }
}
