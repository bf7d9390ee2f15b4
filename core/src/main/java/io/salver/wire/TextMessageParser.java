package io.salver.wire;

/** Reads a {@link TextMessage}, once, from the start of a text to its end. */
final class TextMessageParser {
  private static final int MAX_DEPTH = 32;
  private static final char END = '\uffff';

  private final String text;
  private final int maxFields;
  private int position;
  private int fields;

  TextMessageParser(String text, int maxFields) {
    this.text = text;
    this.maxFields = maxFields;
  }

  TextMessage parse() {
    return message(END, 0);
  }

  /** The fields up to {@code close}, which is taken. */
  private TextMessage message(char close, int depth) {
    if (depth > MAX_DEPTH) {
      throw problem("messages within each other (expected: at most " + MAX_DEPTH + ")");
    }
    TextMessage.Builder builder = new TextMessage.Builder();
    while (true) {
      skipBlank();
      if (peek() == close) {
        position++;
        return builder.build();
      }
      field(builder, depth);
      skipBlank();
      if (peek() == ',' || peek() == ';') {
        position++;
      }
    }
  }

  private void field(TextMessage.Builder builder, int depth) {
    String name = name();
    skipBlank();
    boolean colon = peek() == ':';
    if (colon) {
      position++;
      skipBlank();
    }
    if (peek() == '[') {
      position++;
      list(builder, name, depth);
    } else if (!value(builder, name, depth) && !colon) {
      throw problem(found() + " after " + name + " (expected: a colon or a message)");
    }
  }

  private void list(TextMessage.Builder builder, String name, int depth) {
    skipBlank();
    while (peek() != ']') {
      value(builder, name, depth);
      skipBlank();
      if (peek() == ',') {
        position++;
        skipBlank();
      } else if (peek() != ']') {
        throw problem(found() + " in the list of " + name + " (expected: a comma or ])");
      }
    }
    position++;
  }

  /** Adds one value; whether it was a message, which needs no colon before it. */
  private boolean value(TextMessage.Builder builder, String name, int depth) {
    if (++fields > maxFields) {
      throw problem("fields (expected: at most " + maxFields + ")");
    }
    switch (peek()) {
      case '{' -> {
        position++;
        builder.add(name, message('}', depth + 1));
        return true;
      }
      case '<' -> {
        position++;
        builder.add(name, message('>', depth + 1));
        return true;
      }
      case '"', '\'' -> builder.add(name, strings());
      default -> builder.add(name, token());
    }
    return false;
  }

  /** Strings one after the other are one. */
  private String strings() {
    StringBuilder whole = new StringBuilder();
    while (peek() == '"' || peek() == '\'') {
      string(whole);
      skipBlank();
    }
    return whole.toString();
  }

  private void string(StringBuilder to) {
    char quote = text.charAt(position++);
    while (peek() != quote) {
      char c = peek();
      if (c == END || c == '\n') {
        throw problem("a string without an end (expected: " + quote + ")");
      }
      position++;
      to.append(c == '\\' ? escaped() : c);
    }
    position++;
  }

  private char escaped() {
    char c = peek();
    position++;
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case '\\', '\'', '"', '?' -> c;
      default ->
          throw problem("\\" + c + " in a string (expected: one of \\n \\t \\r \\\\ \\' \\\")");
    };
  }

  private String name() {
    if (peek() == '[') {
      int end = text.indexOf(']', position);
      if (end < 0) {
        throw problem("[ without an end (expected: ])");
      }
      String name = text.substring(position, end + 1);
      position = end + 1;
      return name;
    }
    return token();
  }

  /** A number or a name. */
  private String token() {
    int start = position;
    while (isPartOfToken(peek())) {
      position++;
    }
    if (position == start) {
      throw problem(found() + " (expected: a name or a value)");
    }
    return text.substring(start, position);
  }

  private static boolean isPartOfToken(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '_'
        || c == '.'
        || c == '-'
        || c == '+';
  }

  private void skipBlank() {
    while (true) {
      char c = peek();
      if (c == '#') {
        int end = text.indexOf('\n', position);
        position = end < 0 ? text.length() : end;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        position++;
      } else {
        return;
      }
    }
  }

  private char peek() {
    return position < text.length() ? text.charAt(position) : END;
  }

  private String found() {
    return position < text.length() ? "'" + text.charAt(position) + "'" : "the end";
  }

  private WireFormatException problem(String what) {
    long line = 1 + text.chars().limit(position).filter(c -> c == '\n').count();
    return new WireFormatException("line " + line + ": " + what);
  }
}
