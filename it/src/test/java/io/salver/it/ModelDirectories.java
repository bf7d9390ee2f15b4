package io.salver.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** Lays models out as a server finds them: {@code <model>/<version>/<files>}. */
final class ModelDirectories {
  private static final String VERSION = "1";

  private ModelDirectories() {}

  /**
   * Copies the models of all cases below {@code root}.
   *
   * @return a model configuration file that names them all
   */
  static Path layOut(List<WireCase> cases, Path root) throws IOException {
    StringBuilder config = new StringBuilder("model_config_list {\n");
    for (WireCase wireCase : cases) {
      Path base = root.resolve(wireCase.name());
      wireCase.files().copyTo(Files.createDirectories(base).resolve(VERSION));
      config.append(entry(wireCase.name(), base));
    }
    return Files.writeString(root.resolve("models.config"), config.append("}\n"));
  }

  /** A model of a model configuration file. */
  static String entry(String name, Path basePath) {
    return "  config { name: \"" + name + "\" base_path: \"" + basePath + "\" }\n";
  }

  /** Copies a directory with everything in it, or a file into the directory {@code to}. */
  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    if (Files.isRegularFile(from)) {
      copyFile(from, to.resolve(from.getFileName()));
      return;
    }
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          copyFile(file, target);
        }
      }
    }
  }

  /** With its time of change, so that the server sees files that have been still for long. */
  private static void copyFile(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
  }
}
