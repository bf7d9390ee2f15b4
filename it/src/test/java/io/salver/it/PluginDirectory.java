package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** Directories of plug-ins, made of what is on the tests' class path. */
final class PluginDirectory {
  private PluginDirectory() {}

  /** Puts both plug-ins into {@code directory}. */
  static void make(Path directory) throws IOException {
    make(directory.resolve("torch"), "engine-torch", List.of("pytorch", "openblas", "javacpp"));
    make(directory.resolve("opencv"), "engine-opencv", List.of("opencv", "openblas", "javacpp"));
  }

  private static void make(Path plugin, String module, List<String> libraries) throws IOException {
    Files.createDirectories(plugin);
    int jars = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      boolean own = entry.contains("/" + module + "/");
      if (own && Files.isDirectory(path)) {
        pack(path, plugin.resolve(module + ".jar"));
        jars++;
      } else if (own || libraries.stream().anyMatch(l -> entry.contains("/bytedeco/" + l + "/"))) {
        Files.copy(path, plugin.resolve(path.getFileName()));
        jars++;
      }
    }
    assertThat(jars).as(module).isEqualTo(2 * libraries.size() + 1);
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> all = Files.walk(classes)) {
      for (Path path : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        out.putNextEntry(new ZipEntry(classes.relativize(path).toString()));
        Files.copy(path, out);
        out.closeEntry();
      }
    }
  }
}
