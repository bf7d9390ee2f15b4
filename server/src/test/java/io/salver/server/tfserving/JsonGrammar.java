package io.salver.server.tfserving;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells JSON from other text, by RFC 8259's grammar. */
final class JsonGrammar {
  private static final Pattern SPACE = Pattern.compile("[ \\t\\n\\r]*+");
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]*+)(\\.[0-9]++)?([eE][-+]?[0-9]++)?");
  private static final Pattern STRING =
      Pattern.compile("\"([^\"\\\\\\x00-\\x1F]|\\\\([\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*+\"");
  private static final Pattern WORD = Pattern.compile("true|false|null");

  private final String text;
  private int position;

  private JsonGrammar(String text) {
    this.text = text;
  }

  /** Whether {@code text} is one object. */
  static boolean isObject(String text) {
    JsonGrammar grammar = new JsonGrammar(text);
    return grammar.is('{') && grammar.value() && grammar.is('\0');
  }

  private boolean value() {
    return switch (peek()) {
      case '{' -> list('}', true);
      case '[' -> list(']', false);
      case '"' -> pass(STRING);
      case 't', 'f', 'n' -> pass(WORD);
      default -> pass(NUMBER);
    };
  }

  private boolean list(char closing, boolean named) {
    position++;
    if (is(closing)) {
      position++;
      return true;
    }
    while (!named || (is('"') && pass(STRING) && passIf(':'))) {
      if (!value()) {
        return false;
      }
      if (!passIf(',')) {
        return passIf(closing);
      }
    }
    return false;
  }

  private boolean is(char expected) {
    return peek() == expected;
  }

  private boolean passIf(char expected) {
    boolean found = is(expected);
    position += found ? 1 : 0;
    return found;
  }

  /** The first character of the next token, 0 at the end. */
  private char peek() {
    pass(SPACE);
    return position == text.length() ? '\0' : text.charAt(position);
  }

  private boolean pass(Pattern token) {
    Matcher matcher = token.matcher(text).region(position, text.length());
    boolean found = matcher.lookingAt();
    position = found ? matcher.end() : position;
    return found;
  }
}
