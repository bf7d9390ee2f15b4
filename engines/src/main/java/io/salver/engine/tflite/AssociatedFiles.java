package io.salver.engine.tflite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The files that a model's metadata comes with, such as labels and vocabularies: a zip archive at
 * the end of the model file.
 *
 * <p>Under {@code tflite.files} their names, a line each; under {@code tflite.file:NAME} each one's
 * bytes; under {@code tflite.labels} those of the file whose name has "label" in it, if there is
 * just one. Files beyond 16, or of more than 4 MiB, are left out.
 */
final class AssociatedFiles {
  private static final int MAX_FILES = 16;
  private static final int MAX_FILE_BYTES = 4 << 20;

  private AssociatedFiles() {}

  /** The metadata; empty if the model has no such files, or they cannot be read. */
  static Map<String, byte[]> read(Path model) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(model.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements() && files.size() < MAX_FILES) {
        ZipEntry entry = entries.nextElement();
        try (InputStream in = zip.getInputStream(entry)) {
          byte[] content = in.readNBytes(MAX_FILE_BYTES + 1);
          if (content.length <= MAX_FILE_BYTES) {
            files.put(entry.getName(), content);
          }
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      // No archive, or a broken one: the model runs without.
      return Map.of();
    }
    return metadata(files);
  }

  private static Map<String, byte[]> metadata(Map<String, byte[]> files) {
    Map<String, byte[]> metadata = new LinkedHashMap<>();
    if (!files.isEmpty()) {
      String names = String.join("\n", files.keySet());
      metadata.put("tflite.files", names.getBytes(StandardCharsets.UTF_8));
    }
    files.forEach((name, content) -> metadata.put("tflite.file:" + name, content));
    var labels = files.entrySet().stream().filter(f -> f.getKey().contains("label")).toList();
    if (labels.size() == 1) {
      metadata.put("tflite.labels", labels.getFirst().getValue());
    }
    return metadata;
  }
}
