package io.salver.cli.config;

import io.salver.engine.Device;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Other builds of native libraries than those that Salver comes with, as for GPUs.
 *
 * @param onnxruntime a jar or a directory with ONNX Runtime's library and its providers
 * @param tensorflow a jar or a directory with TensorFlow's libraries
 * @param tfliteDelegates libraries of TensorFlow Lite delegates, by the kind of device that models
 *     name them by
 */
public record LibrariesConfig(
    Optional<Path> onnxruntime, Optional<Path> tensorflow, Map<String, Path> tfliteDelegates) {
  /** Salver's own alone. */
  public static final LibrariesConfig DEFAULT =
      new LibrariesConfig(Optional.empty(), Optional.empty(), Map.of());

  private static final String ONNXRUNTIME = "onnxruntime";
  private static final String TENSORFLOW = "tensorflow";
  private static final String TFLITE_DELEGATES = "tflite_delegates";

  public LibrariesConfig {
    tfliteDelegates = Map.copyOf(tfliteDelegates);
  }

  static LibrariesConfig read(Section s) {
    Section delegates = s.section(TFLITE_DELEGATES);
    Map<String, Path> tfliteDelegates = new LinkedHashMap<>();
    for (String kind : delegates.keys()) {
      checkKind(delegates, kind);
      tfliteDelegates.put(kind, delegates.requiredPath(kind));
    }
    LibrariesConfig libraries =
        new LibrariesConfig(s.path(ONNXRUNTIME), s.path(TENSORFLOW), tfliteDelegates);
    s.end();
    return libraries;
  }

  private static void checkKind(Section delegates, String kind) {
    try {
      if (!new Device(kind, 0).isCpu()) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Says the same below.
    }
    throw new ConfigException(
        delegates.at(kind) + " (expected: a kind of device other than cpu, in lower case)");
  }

  /** All that there are by the keys that they have in the file, a dot between these. */
  public Map<String, Path> byKey() {
    Map<String, Path> all = new LinkedHashMap<>();
    onnxruntime.ifPresent(path -> all.put(ONNXRUNTIME, path));
    tensorflow.ifPresent(path -> all.put(TENSORFLOW, path));
    tfliteDelegates.forEach((kind, path) -> all.put(TFLITE_DELEGATES + "." + kind, path));
    return all;
  }

  /** What {@link #byKey} was made of. */
  public static LibrariesConfig ofKeys(Map<String, Path> paths) {
    Map<String, Path> tfliteDelegates = new LinkedHashMap<>();
    paths.forEach((key, path) -> {
      if (key.startsWith(TFLITE_DELEGATES + ".")) {
        tfliteDelegates.put(key.substring(TFLITE_DELEGATES.length() + 1), path);
      }
    });
    return new LibrariesConfig(
        Optional.ofNullable(paths.get(ONNXRUNTIME)),
        Optional.ofNullable(paths.get(TENSORFLOW)),
        tfliteDelegates);
  }
}
