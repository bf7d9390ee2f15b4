package io.salver.engine.java;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Writes jars of what is compiled here and now. */
final class Jars {
  private Jars() {}

  /**
   * A version directory with a model.
   *
   * @param source of a class {@code test.Mine}; its package and imports are added
   */
  static Path version(Path directory, String source) throws IOException {
    Files.createDirectories(directory);
    write(directory.resolve("model.jar"), "test.Mine", classes(source));
    return directory;
  }

  /** What a compiled class {@code test.Mine} consists of, by the names in a jar. */
  static Map<String, byte[]> classes(String source) throws IOException {
    return compile(
        "test/Mine.java",
        """
        package test;
        import io.salver.engine.*;
        import io.salver.predict.*;
        import io.salver.tensor.*;
        import java.util.*;
        """
            + source);
  }

  /** As {@link #classes}, of a whole file. */
  static Map<String, byte[]> compile(String file, String source) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Path out = Files.createTempDirectory("classes");
    JavaFileObject unit =
        new SimpleJavaFileObject(URI.create("string:///" + file), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    List<String> problems = new ArrayList<>();
    boolean compiled =
        compiler
            .getTask(
                null,
                null,
                problem -> problems.add(problem.toString()),
                List.of("-d", out.toString(), "-cp", System.getProperty("java.class.path")),
                null,
                List.of(unit))
            .call();
    if (!compiled) {
      throw new AssertionError(problems);
    }
    Map<String, byte[]> classes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(out)) {
      for (Path path : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        classes.put(out.relativize(path).toString(), Files.readAllBytes(path));
      }
    }
    return classes;
  }

  /** Writes a jar that names {@code className} as its model; none if that is empty. */
  static void write(Path jar, String className, Map<String, byte[]> entries) throws IOException {
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      if (!className.isEmpty()) {
        zip.putNextEntry(new ZipEntry(ModelJars.SERVICE));
        zip.write(className.getBytes(StandardCharsets.UTF_8));
      }
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
  }
}
