package io.salver.source;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Which names of files a store may give: others are refused before they name anything here. */
final class StoredPaths {
  /** The most files of one version. */
  static final int MAX_FILES = 10_000;

  private static final int MAX_PATH_BYTES = 1024;
  private static final int MAX_NAME_BYTES = 255;
  private static final int MAX_DEPTH = 16;

  private StoredPaths() {}

  /** Why these cannot be the files of a version; empty if they can. */
  static Optional<String> problem(List<StoredFile> files) {
    if (files.size() > MAX_FILES) {
      return Optional.of(files.size() + " files (expected: at most " + MAX_FILES + ")");
    }
    Set<String> paths = new HashSet<>();
    for (StoredFile file : files) {
      if (!isAllowed(file.path())) {
        return Optional.of(
            "path \"" + shown(file.path()) + "\" (expected: names without .., parted by /)");
      }
      // Names that differ in case alone are one file where the file system says so.
      if (!paths.add(folded(file.path()))) {
        return Optional.of("path \"" + shown(file.path()) + "\" twice (expected: once)");
      }
    }
    for (StoredFile file : files) {
      String path = folded(file.path());
      for (int i = path.indexOf('/'); i >= 0; i = path.indexOf('/', i + 1)) {
        if (paths.contains(path.substring(0, i))) {
          return Optional.of(
              "path \"" + shown(file.path()) + "\" below a file (expected: below a directory)");
        }
      }
    }
    return Optional.empty();
  }

  private static String folded(String path) {
    return path.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }

  private static boolean isAllowed(String path) {
    if (path.getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      return false;
    }
    String[] names = path.split("/", -1);
    if (names.length > MAX_DEPTH) {
      return false;
    }
    for (String name : names) {
      boolean dots = name.isEmpty() || name.equals(".") || name.equals("..");
      boolean odd = name.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == '\\' || c == 0xfffd);
      if (dots || odd || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
        return false;
      }
    }
    return true;
  }

  /** Short, and without characters that do things to a terminal. */
  static String shown(String path) {
    String plain = path.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= 200 ? plain : plain.substring(0, 200) + "...";
  }
}
