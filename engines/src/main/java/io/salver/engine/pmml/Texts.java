package io.salver.engine.pmml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Numbers for strings: those that a model names while it is compiled, and on top of them those that
 * only a run's rows have.
 */
final class Texts {
  private final @Nullable Texts base;
  private final Map<String, Integer> codes = new HashMap<>();
  private final List<String> texts = new ArrayList<>();
  private final int first;

  /** No strings yet. */
  Texts() {
    this(null);
  }

  /** All of {@code base}, which must not change any more, and more. */
  Texts(@Nullable Texts base) {
    this.base = base;
    this.first = base == null ? 0 : base.first + base.texts.size();
  }

  /** The number of a string, which gets one if it has none. */
  int code(String text) {
    Integer known = base == null ? null : base.codes.get(text);
    if (known == null) {
      known = codes.get(text);
    }
    if (known != null) {
      return known;
    }
    int code = first + texts.size();
    codes.put(text, code);
    texts.add(text);
    return code;
  }

  /** The string with a number. */
  String text(int code) {
    return base != null && code < first ? base.texts.get(code) : texts.get(code - first);
  }
}
