package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads JSON (RFC 8259) and the numbers {@code NaN}, {@code Infinity} and {@code -Infinity}, which
 * XGBoost writes too. What it allocates is bounded by the length of the text, and its recursion by
 * {@link #MAX_DEPTH}.
 */
final class JsonReader {
  /** How deep arrays and objects may lie in each other; a model's lie about eight deep. */
  static final int MAX_DEPTH = 64;

  private static final int HEX = 16;
  private static final int UNICODE_DIGITS = 4;
  private static final int SHOWN_BYTES = 20;

  private final byte[] text;
  private int at;

  private JsonReader(byte[] text) {
    this.text = text;
  }

  /**
   * The one value that {@code text} is.
   *
   * @throws ModelLoadException if it is not JSON, or ends early; the message names the position
   */
  static Value read(byte[] text) throws ModelLoadException {
    JsonReader reader = new JsonReader(text);
    Value value = reader.value(0);
    reader.skipSpace();
    if (reader.at < text.length) {
      throw reader.unexpected("the end of the file");
    }
    return value;
  }

  private Value value(int depth) throws ModelLoadException {
    if (depth > MAX_DEPTH) {
      throw new ModelLoadException(
          "JSON: nested deeper than " + MAX_DEPTH + " at byte " + at + " (expected: less)");
    }
    skipSpace();
    return switch (peek()) {
      case '{' -> members(depth);
      case '[' -> elements(depth);
      case '"' -> new Value.Text(string());
      case 't' -> word("true", new Value.Single(1));
      case 'f' -> word("false", new Value.Single(0));
      case 'n' -> word("null", new Value.Null());
      case 'N' -> word("NaN", new Value.Single(Double.NaN));
      case 'I' -> word("Infinity", new Value.Single(Double.POSITIVE_INFINITY));
      default -> new Value.Single(number());
    };
  }

  private Value members(int depth) throws ModelLoadException {
    at++;
    Map<String, Value> members = new HashMap<>();
    skipSpace();
    if (peek() == '}') {
      at++;
      return new Value.Members(members);
    }
    while (true) {
      skipSpace();
      if (peek() != '"') {
        throw unexpected("a member's name");
      }
      String name = string();
      skipSpace();
      expect(':');
      members.put(name, value(depth + 1));
      if (!hasNext('}')) {
        return new Value.Members(members);
      }
    }
  }

  private Value elements(int depth) throws ModelLoadException {
    at++;
    NumberList elements = new NumberList();
    skipSpace();
    if (peek() == ']') {
      at++;
      return elements.toValue();
    }
    do {
      elements.add(value(depth + 1));
    } while (hasNext(']'));
    return elements.toValue();
  }

  /** Goes past a comma, or past {@code end}, and says which it was. */
  private boolean hasNext(char end) throws ModelLoadException {
    skipSpace();
    int next = peek();
    if (next != ',' && next != end) {
      throw unexpected("',' or '" + end + "'");
    }
    at++;
    return next == ',';
  }

  private Value word(String word, Value meaning) throws ModelLoadException {
    for (int i = 0; i < word.length(); i++) {
      if (peek() != word.charAt(i)) {
        throw unexpected(word);
      }
      at++;
    }
    return meaning;
  }

  private double number() throws ModelLoadException {
    int from = at;
    if (text[at] == '-' && at + 1 < text.length && text[at + 1] == 'I') {
      at++;
      word("Infinity", new Value.Null());
      return Double.NEGATIVE_INFINITY;
    }
    while (at < text.length && isOfNumber(text[at])) {
      at++;
    }
    try {
      return Double.parseDouble(new String(text, from, at - from, StandardCharsets.ISO_8859_1));
    } catch (NumberFormatException e) {
      at = from;
      throw unexpected("a value");
    }
  }

  private static boolean isOfNumber(byte c) {
    return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  }

  private String string() throws ModelLoadException {
    at++;
    int from = at;
    while (peek() != '"') {
      if (text[at] == '\\') {
        return escapedString(from);
      }
      at++;
    }
    return new String(text, from, at++ - from, StandardCharsets.UTF_8);
  }

  private String escapedString(int from) throws ModelLoadException {
    StringBuilder string = new StringBuilder();
    int plainFrom = from;
    while (peek() != '"') {
      if (text[at] != '\\') {
        at++;
        continue;
      }
      string.append(new String(text, plainFrom, at - plainFrom, StandardCharsets.UTF_8));
      at++;
      string.append(escape());
      plainFrom = at;
    }
    return string
        .append(new String(text, plainFrom, at++ - plainFrom, StandardCharsets.UTF_8))
        .toString();
  }

  private char escape() throws ModelLoadException {
    int c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> (char) c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> {
        at--;
        throw unexpected("an escape");
      }
    };
  }

  private char unicode() throws ModelLoadException {
    int code = 0;
    for (int i = 0; i < UNICODE_DIGITS; i++) {
      int digit = Character.digit(peek(), HEX);
      if (digit < 0) {
        throw unexpected("a hexadecimal digit");
      }
      code = code * HEX + digit;
      at++;
    }
    return (char) code;
  }

  private void expect(char wanted) throws ModelLoadException {
    if (peek() != wanted) {
      throw unexpected("'" + wanted + "'");
    }
    at++;
  }

  private void skipSpace() {
    while (at < text.length
        && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')) {
      at++;
    }
  }

  private int peek() throws ModelLoadException {
    if (at >= text.length) {
      throw new ModelLoadException("JSON: ends at byte " + at + " (expected: more)");
    }
    return text[at];
  }

  private ModelLoadException unexpected(String expected) {
    int length = Math.min(SHOWN_BYTES, text.length - at);
    return new ModelLoadException(
        "JSON: \""
            + new String(text, at, length, StandardCharsets.UTF_8)
            + "\" at byte "
            + at
            + " (expected: "
            + expected
            + ")");
  }
}
