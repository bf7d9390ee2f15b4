package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An element of the file, with the line it begins on. Not changed once it is read. */
final class Element {
  /** What says something about a model, but nothing about its answers. */
  private static final Set<String> REMARKS =
      Set.of(
          "Extension",
          "ModelStats",
          "ModelExplanation",
          "ModelVerification",
          "Statistics",
          "Partition");

  private final String name;
  private final int line;
  private final String[] attributes;
  private final List<Element> children = new ArrayList<>(0);
  private String text = "";

  /**
   * An element without children or text.
   *
   * @param attributes names and values in turn
   */
  Element(String name, int line, String[] attributes) {
    this.name = name;
    this.line = line;
    this.attributes = attributes;
  }

  void add(Element child) {
    children.add(child);
  }

  void append(String more) {
    text = text.isEmpty() ? more : text + more;
  }

  /** The name without a prefix. */
  String name() {
    return name;
  }

  boolean is(String other) {
    return name.equals(other);
  }

  /** The characters directly in it, without white space around. */
  String text() {
    return text.strip();
  }

  /** All children but remarks. */
  List<Element> children() {
    return children.stream().filter(child -> !REMARKS.contains(child.name)).toList();
  }

  List<Element> children(String wanted) {
    return children.stream().filter(child -> child.is(wanted)).toList();
  }

  Optional<Element> find(String wanted) {
    for (Element child : children) {
      if (child.is(wanted)) {
        return Optional.of(child);
      }
    }
    return Optional.empty();
  }

  Element child(String wanted) throws ModelLoadException {
    return find(wanted).orElseThrow(() -> wrong("no <" + wanted + "> (expected: one)"));
  }

  /** Refuses children that are neither among {@code known} nor remarks. */
  void checkChildren(String... known) throws ModelLoadException {
    for (Element child : children()) {
      if (!Arrays.asList(known).contains(child.name)) {
        throw child.wrong(
            "is not supported in <" + name + "> (expected: " + String.join(", ", known) + ")");
      }
    }
  }

  /** An attribute, or null. */
  @Nullable String find(String attribute, @Nullable String otherwise) {
    for (int i = 0; i < attributes.length; i += 2) {
      if (attributes[i].equals(attribute)) {
        return attributes[i + 1];
      }
    }
    return otherwise;
  }

  boolean has(String attribute) {
    return find(attribute, null) != null;
  }

  /** An attribute that must be there. */
  String get(String attribute) throws ModelLoadException {
    String value = find(attribute, null);
    if (value == null) {
      throw wrong("no attribute " + attribute + " (expected: one)");
    }
    return value;
  }

  String get(String attribute, String otherwise) {
    String value = find(attribute, null);
    return value == null ? otherwise : value;
  }

  /** An attribute that is a number. */
  double number(String attribute) throws ModelLoadException {
    String value = get(attribute);
    try {
      double number = Double.parseDouble(value);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, as one that is not finite.
    }
    throw wrong(attribute + ": \"" + value + "\" (expected: a number)");
  }

  double number(String attribute, double otherwise) throws ModelLoadException {
    return has(attribute) ? number(attribute) : otherwise;
  }

  /** An attribute that is a whole number of at least {@code minimum}. */
  int integer(String attribute, int otherwise, int minimum) throws ModelLoadException {
    double number = number(attribute, otherwise);
    if (number != (int) number || number < minimum) {
      throw wrong(
          attribute + ": " + get(attribute) + " (expected: a whole number, >= " + minimum + ")");
    }
    return (int) number;
  }

  /** An attribute that is one of {@code known}, the first of which it is if it is not there. */
  String choice(String attribute, String... known) throws ModelLoadException {
    String value = get(attribute, known[0]);
    if (!Arrays.asList(known).contains(value)) {
      throw wrong(attribute + ": \"" + value + "\" (expected: " + String.join(", ", known) + ")");
    }
    return value;
  }

  boolean flag(String attribute, boolean otherwise) throws ModelLoadException {
    return choice(attribute, Boolean.toString(otherwise), "true", "false", "1", "0")
        .matches("true|1");
  }

  /** What is wrong with this element, for the operator. */
  ModelLoadException wrong(String message) {
    return new ModelLoadException("line " + line + ": <" + name + ">: " + message);
  }
}
