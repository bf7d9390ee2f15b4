package io.salver.engine.pmml;

import io.salver.engine.Inspection;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The PMML file of a version directory, found by what is in it.
 *
 * @param path the file
 * @param sizeBytes its size when it was found
 */
record PmmlFile(Path path, long sizeBytes) {
  /** Files of a directory that are looked into; one with more is no directory of such a model. */
  private static final int MAX_FILES = 32;

  private static final String USUAL_NAMES = "model.";
  private static final int HEAD_BYTES = 1 << 13;
  private static final int TAIL_BYTES = 1 << 10;

  /** What is read at most: elements take many times as much. */
  private static final long MAX_BYTES = 1L << 30;

  /** An element takes some hundred bytes before it is compiled. */
  private static final long MEMORY_FACTOR = 24;

  private static final long MEMORY_MINIMUM_BYTES = 1 << 22;

  private static final Pattern VERSION = Pattern.compile("(3\\.[2-9]|4\\.[0-4])(\\..*)?");
  private static final Pattern START = Pattern.compile("(?s)\\s*<(\\?xml|!--|!DOCTYPE|PMML).*");

  /** The only file of PMML or, if there are several, the only one named {@code model.*}. */
  static Optional<PmmlFile> find(ModelFiles files) {
    List<PmmlFile> found = new ArrayList<>();
    int count = 0;
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(files.directory())) {
      for (Path path : paths) {
        if (++count > MAX_FILES) {
          return Optional.empty();
        }
        if (Files.isRegularFile(path) && Files.isReadable(path) && isPmml(path)) {
          found.add(new PmmlFile(path, Files.size(path)));
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    if (found.size() > 1) {
      found.removeIf(file -> !file.path.getFileName().toString().startsWith(USUAL_NAMES));
    }
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }

  private static boolean isPmml(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      String head = plain(in.readNBytes(HEAD_BYTES));
      return START.matcher(head).matches() && head.contains("<PMML");
    }
  }

  /** Text of any encoding whose ASCII characters have ASCII's bytes, perhaps with zeros around. */
  private static String plain(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1)
        .replace("\0", "")
        .replaceFirst("^(\u00ef\u00bb\u00bf|\u00fe\u00ff|\u00ff\u00fe)", "");
  }

  /** An upper bound of what loading the file takes. */
  long memoryBoundBytes() {
    return MEMORY_FACTOR * sizeBytes + MEMORY_MINIMUM_BYTES;
  }

  /** Whether the file looks whole: a look at its end, not at what lies between. */
  Inspection inspect() {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(TAIL_BYTES, sizeBytes)];
      file.seek(sizeBytes - tail.length);
      file.readFully(tail);
      return plain(tail).matches("(?s).*</PMML\\s*>.*")
          ? new Inspection.Ready(memoryBoundBytes())
          : new Inspection.Incomplete(
              path.getFileName() + ": " + sizeBytes + " bytes (expected: </PMML> at the end)");
    } catch (IOException e) {
      return new Inspection.Incomplete(path.getFileName() + ": changed while it was read: " + e);
    }
  }

  /**
   * The model.
   *
   * @throws ModelLoadException if the file is broken or has what is not supported; the message
   *     names the file, and the line and the element
   */
  CompiledModel read() throws ModelLoadException {
    return look(ModelCompiler::document);
  }

  /**
   * What the file says of itself, for a person.
   *
   * @throws ModelLoadException if the file is broken; the message names the file
   */
  Map<String, String> describe() throws ModelLoadException {
    return look(PmmlDescription::of);
  }

  private interface Look<T> {
    T apply(Element document) throws ModelLoadException;
  }

  private <T> T look(Look<T> look) throws ModelLoadException {
    if (sizeBytes > MAX_BYTES) {
      throw new ModelLoadException(
          path + ": " + sizeBytes + " bytes (expected: at most " + MAX_BYTES + ")");
    }
    try (InputStream in = Files.newInputStream(path)) {
      Element document = XmlReader.read(in);
      if (!document.is("PMML")) {
        throw document.wrong("is no model (expected: <PMML>)");
      }
      if (!VERSION.matcher(document.get("version")).matches()) {
        throw document.wrong("version: \"" + document.get("version") + "\" (expected: 3.2 to 4.4)");
      }
      return look.apply(document);
    } catch (ModelLoadException e) {
      throw new ModelLoadException(path + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ModelLoadException(path + ": cannot be read: " + e, e);
    }
  }
}
