package io.salver.server.tfserving;

import java.util.ArrayList;
import java.util.List;

/**
 * JSON as a tree, parsed the simplest way: the oracle. Only for text that is well-formed. Lists are
 * {@code List<Object>}, objects {@code List<Member>}'s record, null is {@link #NULL}.
 */
final class JsonTree {
  static final Object NULL = new Object();

  record Num(String text) {
    boolean isInteger() {
      return text.matches("-?[0-9]+");
    }

    double toDouble() {
      return switch (text) {
        case "NaN", "-NaN" -> Double.NaN;
        case "Infinity", "Inf" -> Double.POSITIVE_INFINITY;
        case "-Infinity", "-Inf" -> Double.NEGATIVE_INFINITY;
        default -> Double.parseDouble(text);
      };
    }
  }

  record Member(String name, Object value) {}

  record Obj(List<Member> members) {
    Object get(String name) {
      for (Member member : members) {
        if (member.name().equals(name)) {
          return member.value();
        }
      }
      return NULL;
    }

    boolean has(String name) {
      return members.stream().anyMatch(m -> m.name().equals(name));
    }
  }

  private final String text;
  private int position;

  private JsonTree(String text) {
    this.text = text;
  }

  static Object parse(String text) {
    return new JsonTree(text).value();
  }

  private char peek() {
    while (Character.isWhitespace(text.charAt(position))) {
      position++;
    }
    return text.charAt(position);
  }

  private Object value() {
    return switch (peek()) {
      case '{' -> object();
      case '[' -> list();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", NULL);
      default -> number();
    };
  }

  private Object word(String word, Object value) {
    position += word.length();
    return value;
  }

  private Object number() {
    int start = position;
    while (position < text.length() && ",]} \n\t\r".indexOf(text.charAt(position)) < 0) {
      position++;
    }
    return new Num(text.substring(start, position));
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    position++;
    while (peek() != ']') {
      list.add(value());
      if (peek() == ',') {
        position++;
      }
    }
    position++;
    return list;
  }

  private Obj object() {
    List<Member> members = new ArrayList<>();
    position++;
    while (peek() != '}') {
      String name = string();
      peek();
      position++;
      members.add(new Member(name, value()));
      if (peek() == ',') {
        position++;
      }
    }
    position++;
    return new Obj(members);
  }

  private String string() {
    StringBuilder string = new StringBuilder();
    peek();
    position++;
    while (text.charAt(position) != '"') {
      char c = text.charAt(position++);
      if (c == '\\') {
        c = text.charAt(position++);
        int plain = "bfnrt".indexOf(c);
        if (plain >= 0) {
          c = "\b\f\n\r\t".charAt(plain);
        } else if (c == 'u') {
          c = (char) Integer.parseInt(text, position, position + 4, 16);
          position += 4;
        }
      }
      string.append(c);
    }
    position++;
    return string.toString();
  }
}
