package io.salver.engine.java;

import io.salver.engine.Model;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The jars of a version.
 *
 * @param jars all of them, in the order of their names
 * @param named the one that names the model's class
 * @param className the class that it names
 */
record ModelJars(List<Path> jars, Path named, String className) {
  static final String SERVICE = "META-INF/services/" + Model.class.getName();

  private static final int MAX_SERVICE_BYTES = 4 << 10;

  /**
   * What is there; empty if there is no jar, or none of them names a model.
   *
   * @throws ModelLoadException if a jar is broken, or it is not clear which class is meant
   */
  static Optional<ModelJars> find(ModelFiles files) throws ModelLoadException {
    List<Path> jars = new ArrayList<>();
    List<Path> named = new ArrayList<>();
    List<String> classNames = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(files.directory(), "*.jar")) {
      for (Path path : found) {
        Path jar = files.resolve(String.valueOf(path.getFileName()));
        jars.add(jar);
        for (String className : classNames(jar)) {
          named.add(jar);
          classNames.add(className);
        }
      }
    } catch (IOException e) {
      throw new ModelLoadException(files + ": " + e, e);
    }
    if (classNames.size() > 1) {
      throw new ModelLoadException(
          files + ": models: " + classNames + " (expected: one in all jars)");
    }
    Collections.sort(jars);
    return classNames.isEmpty()
        ? Optional.empty()
        : Optional.of(new ModelJars(jars, named.getFirst(), classNames.getFirst()));
  }

  /** The classes that a jar names. */
  private static List<String> classNames(Path jar) throws IOException, ModelLoadException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry entry = zip.getEntry(SERVICE);
      if (entry == null) {
        return List.of();
      }
      try (InputStream in = zip.getInputStream(entry)) {
        byte[] text = in.readNBytes(MAX_SERVICE_BYTES + 1);
        if (text.length > MAX_SERVICE_BYTES) {
          throw new ModelLoadException(
              jar + ": " + SERVICE + " (expected: at most " + MAX_SERVICE_BYTES + " bytes)");
        }
        return new String(text, StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.replaceFirst("#.*", "").strip())
            .filter(line -> !line.isEmpty())
            .toList();
      }
    } catch (ZipException e) {
      throw new ModelLoadException(jar + ": " + e.getMessage() + " (expected: a whole jar)", e);
    }
  }

  URL[] urls() throws ModelLoadException {
    URL[] urls = new URL[jars.size()];
    for (int i = 0; i < urls.length; i++) {
      try {
        urls[i] = jars.get(i).toUri().toURL();
      } catch (MalformedURLException e) {
        throw new ModelLoadException(jars.get(i) + ": " + e.getMessage(), e);
      }
    }
    return urls;
  }
}
