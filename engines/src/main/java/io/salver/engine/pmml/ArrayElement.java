package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.List;

/** Reads the content of an {@code Array}. */
final class ArrayElement {
  private ArrayElement() {}

  /**
   * The elements, between which there is white space. One with white space in it is in quotes,
   * inside of which a backslash makes a quote part of it.
   */
  static List<String> texts(Element array) throws ModelLoadException {
    String content = array.text();
    List<String> texts = new ArrayList<>();
    int at = 0;
    while (at < content.length()) {
      char c = content.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
      } else if (c == '"') {
        StringBuilder text = new StringBuilder();
        at++;
        while (at < content.length() && content.charAt(at) != '"') {
          boolean isEscape =
              content.charAt(at) == '\\'
                  && at + 1 < content.length()
                  && (content.charAt(at + 1) == '"' || content.charAt(at + 1) == '\\');
          at += isEscape ? 1 : 0;
          text.append(content.charAt(at++));
        }
        if (at++ == content.length()) {
          throw array.wrong("a quote without an end (expected: \"...\")");
        }
        texts.add(text.toString());
      } else {
        int from = at;
        while (at < content.length() && !Character.isWhitespace(content.charAt(at))) {
          at++;
        }
        texts.add(content.substring(from, at));
      }
    }
    if (array.has("n") && texts.size() != array.integer("n", 0, 0)) {
      throw array.wrong(texts.size() + " elements (expected: " + array.get("n") + ", as n says)");
    }
    return texts;
  }

  /** The elements of an array of numbers. */
  static double[] numbers(Element array) throws ModelLoadException {
    List<String> texts = texts(array);
    double[] numbers = new double[texts.size()];
    for (int i = 0; i < numbers.length; i++) {
      try {
        numbers[i] = Double.parseDouble(texts.get(i));
      } catch (NumberFormatException e) {
        throw array.wrong("\"" + texts.get(i) + "\" (expected: a number)");
      }
    }
    return numbers;
  }
}
