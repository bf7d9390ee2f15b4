package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The lines of a text, one after the other. */
final class LgbmLines {
  private final byte[] text;
  private int at;

  LgbmLines(byte[] text) {
    this.text = text;
  }

  /** The next line without its end, or null after the last one; one that has no end is none. */
  @Nullable String next() {
    int end = at;
    while (end < text.length && text[end] != '\n') {
      end++;
    }
    if (end == text.length) {
      at = end;
      return null;
    }
    int length = end > at && text[end - 1] == '\r' ? end - 1 - at : end - at;
    String line = new String(text, at, length, StandardCharsets.UTF_8);
    at = end + 1;
    return line;
  }

  /**
   * The fields {@code name=value} up to the next empty line; a name alone has an empty value.
   *
   * @param what for the message
   * @throws ModelLoadException if the text ends before
   */
  Map<String, String> block(String what) throws ModelLoadException {
    Map<String, String> fields = new HashMap<>();
    while (true) {
      String line = next();
      if (line == null) {
        throw new ModelLoadException(
            "file: ends at byte " + text.length + " in " + what + " (expected: an empty line)");
      }
      if (line.isEmpty()) {
        return fields;
      }
      int equals = line.indexOf('=');
      if (equals < 0) {
        fields.put(line, "");
      } else {
        fields.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
  }
}
