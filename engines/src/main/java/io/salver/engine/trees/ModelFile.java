package io.salver.engine.trees;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipFile;

/**
 * The model file of a version directory, found by what is in it.
 *
 * @param path the file
 * @param format what its first bytes are of
 */
record ModelFile(Path path, Format format) {
  /** Files of a directory that are looked into; one with more is no directory of a tree model. */
  private static final int MAX_FILES = 32;

  private static final String SPARK_DIRECTORY = "data";
  private static final String SPARK_FILES = "XGBoost*Model";
  private static final String USUAL_NAMES = "model.";
  private static final int TAIL_BYTES = 1 << 16;

  /** Text as numbers, then as nodes; a list grows to twice its size. */
  private static final long MEMORY_FACTOR = 16;

  private static final long MEMORY_MINIMUM_BYTES = 1 << 20;

  /** The formats. */
  enum Format {
    XGBOOST_JSON("XGBoost, as JSON"),
    XGBOOST_UBJSON("XGBoost, as UBJSON"),
    XGBOOST_BINARY("XGBoost, in its old binary format"),
    LIGHTGBM_TEXT("LightGBM, as text"),
    CATBOOST_JSON("CatBoost, as JSON"),
    CATBOOST_BINARY("CatBoost, in its binary format"),
    H2O_MOJO("H2O, as a MOJO");

    private final String title;

    Format(String title) {
      this.title = title;
    }

    /** Whose it is, for a person. */
    String title() {
      return title;
    }
  }

  /**
   * The model file of {@code files}: the only one of these formats or, if there are several, the
   * only one whose name begins with {@code model.}
   */
  static Optional<ModelFile> find(ModelFiles files) {
    List<ModelFile> found = new ArrayList<>();
    look(files.directory(), "*", found);
    if (found.isEmpty()) {
      look(files.directory().resolve(SPARK_DIRECTORY), SPARK_FILES, found);
    }
    if (found.size() > 1) {
      found.removeIf(file -> !file.path.getFileName().toString().startsWith(USUAL_NAMES));
    }
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }

  private static void look(Path directory, String pattern, List<ModelFile> found) {
    int count = 0;
    try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory, pattern)) {
      for (Path path : paths) {
        if (++count > MAX_FILES) {
          found.clear();
          return;
        }
        if (Files.isRegularFile(path) && Files.isReadable(path)) {
          format(path).ifPresent(format -> found.add(new ModelFile(path, format)));
        }
      }
    } catch (IOException e) {
      found.clear();
    }
  }

  private static Optional<Format> format(Path path) throws IOException {
    if (path.getFileName().toString().endsWith(".zip")) {
      return isMojo(path) ? Optional.of(Format.H2O_MOJO) : Optional.empty();
    }
    try (InputStream in = Files.newInputStream(path)) {
      return format(in.readNBytes(XgbBinary.HEAD_BYTES));
    }
  }

  private static boolean isMojo(Path path) {
    try (ZipFile zip = new ZipFile(path.toFile())) {
      return zip.getEntry("model.ini") != null;
    } catch (IOException e) {
      return false;
    }
  }

  /** The format of a file that begins with {@code head}. */
  static Optional<Format> format(byte[] head) {
    String start = new String(head, StandardCharsets.ISO_8859_1);
    if (start.startsWith("tree\n") || start.startsWith("tree\r\n")) {
      return Optional.of(Format.LIGHTGBM_TEXT);
    }
    if (start.matches("(?s)\\s*\\{\\s*\"(learner|version|Config|Model)\".*")
        || start.matches("(?s)\\s*\\[\\s*\\{\\s*\"nodeid\".*")) {
      return Optional.of(Format.XGBOOST_JSON);
    }
    if (start.matches("(?s)\\{[iUIlL].{0,7}.(learner|version|Config|Model).*")) {
      return Optional.of(Format.XGBOOST_UBJSON);
    }
    if (start.matches("(?s)\\s*\\{\\s*\"(ctr_data|features_info|model_info|oblivious_trees)\".*")) {
      return Optional.of(Format.CATBOOST_JSON);
    }
    if (start.startsWith(CatBoostBinary.START)) {
      return Optional.of(Format.CATBOOST_BINARY);
    }
    return XgbBinary.start(head).isPresent()
        ? Optional.of(Format.XGBOOST_BINARY)
        : Optional.empty();
  }

  /** Whether the file looks whole: a look at its end, not at what lies between. */
  Inspection inspect() {
    try {
      long sizeBytes = Files.size(path);
      Optional<String> missing = missing(tail(sizeBytes));
      return missing.isPresent()
          ? new Inspection.Incomplete(
              path.getFileName() + ": " + sizeBytes + " bytes (expected: " + missing.get() + ")")
          : new Inspection.Ready(MEMORY_FACTOR * sizeBytes + MEMORY_MINIMUM_BYTES);
    } catch (IOException e) {
      return new Inspection.Incomplete(path.getFileName() + ": changed while it was read: " + e);
    }
  }

  private Optional<String> missing(String tail) {
    return switch (format) {
      case XGBOOST_JSON, XGBOOST_UBJSON, CATBOOST_JSON -> {
        String end = tail.stripTrailing();
        yield end.endsWith("}") || end.endsWith("]")
            ? Optional.empty()
            : Optional.of("a bracket at the end");
      }
      case LIGHTGBM_TEXT ->
          tail.contains("\nend of trees\n")
                  || tail.contains("\npandas_categorical:")
                  || tail.contains("\nfeature importances:")
                  || tail.contains("\nfeature_importances:")
                  || tail.contains("\nparameters:")
                  || tail.contains("\nend of parameters")
              ? Optional.empty()
              : Optional.of("\"end of trees\" near the end");
      case XGBOOST_BINARY, CATBOOST_BINARY, H2O_MOJO -> Optional.empty();
    };
  }

  private String tail(long sizeBytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      int length = (int) Math.min(TAIL_BYTES, sizeBytes);
      byte[] tail = new byte[length];
      file.seek(sizeBytes - length);
      file.readFully(tail);
      return new String(tail, StandardCharsets.ISO_8859_1).replace("\r\n", "\n");
    }
  }

  /**
   * The model.
   *
   * @throws ModelLoadException if the file is broken; the message names it
   */
  TreesDefinition read() throws ModelLoadException {
    try {
      if (Files.size(path) > Integer.MAX_VALUE - Long.BYTES) {
        throw new ModelLoadException(Files.size(path) + " bytes (expected: less than 2 GiB)");
      }
      return read(Files.readAllBytes(path), format);
    } catch (ModelLoadException e) {
      throw new ModelLoadException(path + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ModelLoadException(path + ": cannot be read: " + e, e);
    }
  }

  /**
   * What there is in the file, for a person.
   *
   * @throws ModelLoadException if the file is broken; the message names it
   */
  Map<String, String> describe() throws ModelLoadException {
    TreesDefinition model = read();
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put("made by", format.title());
    switch (model.scorer()) {
      case Forest forest ->
          entries.put("trees", forest.treeCount() + " with " + forest.nodeCount() + " nodes");
      case LinearScorer linear -> entries.put("weights", "one for each feature");
    }
    entries.put("features", Integer.toString(model.scorer().featureCount()));
    entries.put("sums", model.scorer().groupCount() + " of a row, " + model.objective().title());
    return entries;
  }

  private static TreesDefinition read(byte[] content, Format format) throws ModelLoadException {
    return switch (format) {
      case XGBOOST_JSON -> XgbDocument.read(JsonReader.read(content));
      case XGBOOST_UBJSON -> XgbDocument.read(UbjsonReader.read(content));
      case XGBOOST_BINARY ->
          XgbBinary.read(
              content,
              XgbBinary.start(content)
                  .orElseThrow(() -> new ModelLoadException("changed while it was read")));
      case LIGHTGBM_TEXT -> LgbmText.read(content);
      case CATBOOST_JSON -> CatBoostJson.read(JsonReader.read(content));
      case CATBOOST_BINARY -> CatBoostBinary.read(content);
      case H2O_MOJO ->
          throw new ModelLoadException(
              "a MOJO of H2O: not supported (expected: a model of XGBoost, LightGBM or CatBoost; a"
                  + " MOJO runs inside a model written in Java, with h2o-genmodel in its jar)");
    };
  }
}
