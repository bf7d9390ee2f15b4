package io.salver.engine.nativelib;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Native libraries inside a jar of the class path.
 *
 * @param name what people call them, as {@code onnxruntime}: part of the cache path and of messages
 * @param directories where the files of each platform lie, as {@code
 *     ai/onnxruntime/native/linux-x64} for {@code linux-amd64}; see {@link #platform()}
 * @param files the names of the files below that directory, all of which are needed
 */
public record NativeBundle(String name, Map<String, String> directories, List<String> files) {
  public NativeBundle {
    directories = Map.copyOf(directories);
    files = List.copyOf(files);
  }

  /** This machine: {@code os.name} up to the first space, a dash, {@code os.arch}; lower case. */
  public static String platform() {
    String os = System.getProperty("os.name", "").split(" ", 2)[0];
    return (os + "-" + System.getProperty("os.arch", "")).toLowerCase(Locale.ROOT);
  }
}
