package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What all parts of a file share while they are compiled. Used by one thread. */
final class Build {
  /** How many expressions there may be; more come of functions that call functions that call ... */
  private static final int MAX_EXPRESSIONS = 1_000_000;

  /** How many derived fields and functions may need one another in a chain. */
  private static final int MAX_CHAIN = 256;

  private final Texts texts = new Texts();
  private final Map<String, DataField> fields = new HashMap<>();
  private final Map<String, Element> functions = new HashMap<>();
  private int valueCount;
  private int resultCount;
  private int maxResultCount;
  private int expressionCount;
  private int chain;

  /** Reads the fields and functions of the document. */
  static Build of(Element document) throws ModelLoadException {
    Build build = new Build();
    for (Element field : document.child("DataDictionary").children()) {
      if (field.is("DataField")) {
        DataField read = DataField.of(field, build);
        if (build.fields.put(read.name(), read) != null) {
          throw field.wrong("name: \"" + read.name() + "\" (expected: one that is not taken)");
        }
      } else if (!field.is("Taxonomy")) {
        throw field.wrong("is not supported in <DataDictionary> (expected: DataField)");
      }
    }
    Optional<Element> dictionary = document.find("TransformationDictionary");
    if (dictionary.isPresent()) {
      for (Element function : dictionary.get().children("DefineFunction")) {
        build.functions.put(function.get("name"), function);
      }
    }
    return build;
  }

  Texts texts() {
    return texts;
  }

  /** A field of the data dictionary. */
  Optional<DataField> field(String name) {
    return Optional.ofNullable(fields.get(name));
  }

  /** A function that the file defines. */
  Optional<Element> function(String name) {
    return Optional.ofNullable(functions.get(name));
  }

  /** A new place in {@link Row#values}. */
  int newValue() {
    return valueCount++;
  }

  Variable newVariable(DataType type) {
    return new Variable(newValue(), type);
  }

  /** The first of {@code count} places in {@link Row#results}. */
  int newResults(int count) {
    int first = resultCount;
    resultCount += count;
    maxResultCount = Math.max(maxResultCount, resultCount);
    return first;
  }

  /** What {@link #releaseResults} takes back to. */
  int resultMark() {
    return resultCount;
  }

  /** Lets what is compiled from here on use again the places since {@code mark}. */
  void releaseResults(int mark) {
    resultCount = mark;
  }

  int valueCount() {
    return valueCount;
  }

  int maxResultCount() {
    return maxResultCount;
  }

  /** Counts an expression. */
  void countExpression(Element element) throws ModelLoadException {
    if (++expressionCount > MAX_EXPRESSIONS) {
      throw element.wrong(
          "more than "
              + MAX_EXPRESSIONS
              + " expressions, counting those of functions at each call");
    }
  }

  /** Begins a field or function that another one needs; {@link #leave} ends it. */
  void enter(Element element) throws ModelLoadException {
    if (++chain > MAX_CHAIN) {
      throw element.wrong(
          "more than " + MAX_CHAIN + " fields and functions that need each other in a chain");
    }
  }

  void leave() {
    chain--;
  }

  /** A constant of the file as a value. */
  double parse(Element where, String text, DataType type) throws ModelLoadException {
    return switch (type) {
      case STRING -> texts.code(text);
      case BOOLEAN ->
          switch (text) {
            case "true", "1", "1.0" -> 1;
            case "false", "0", "0.0" -> 0;
            default -> throw where.wrong("\"" + text + "\" (expected: true or false)");
          };
      case FLOAT -> (float) number(where, text);
      case DOUBLE, INTEGER -> number(where, text);
    };
  }

  private static double number(Element where, String text) throws ModelLoadException {
    try {
      double number = Double.parseDouble(text.strip());
      if (!Double.isNaN(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, as what is no number.
    }
    throw where.wrong("\"" + text + "\" (expected: a number)");
  }
}
