package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import io.salver.engine.pmml.Predicates.Question;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Compiles the predicates of a model into one table. */
final class PredicateCompiler {
  private static final double[] NO_SET = {};
  private static final int[] NO_PARTS = {};
  private static final Set<String> NAMES =
      Set.of("True", "False", "SimplePredicate", "SimpleSetPredicate", "CompoundPredicate");

  private final Scope scope;
  private final List<Entry> entries = new ArrayList<>();

  @SuppressWarnings("ArrayRecordComponent")
  private record Entry(Question question, int slot, double operand, double[] set, int[] parts) {}

  PredicateCompiler(Scope scope) {
    this.scope = scope;
  }

  static boolean isPredicate(Element element) {
    return NAMES.contains(element.name());
  }

  /** The number of the predicate that is a child of {@code owner}. */
  int inside(Element owner) throws ModelLoadException {
    for (Element child : owner.children()) {
      if (isPredicate(child)) {
        return compile(child);
      }
    }
    throw owner.wrong("no predicate (expected: one)");
  }

  /** All predicates that were compiled. */
  Predicates build() {
    return new Predicates(
        entries.stream().map(Entry::question).toArray(Question[]::new),
        entries.stream().mapToInt(Entry::slot).toArray(),
        entries.stream().mapToDouble(Entry::operand).toArray(),
        entries.stream().map(Entry::set).toArray(double[][]::new),
        entries.stream().map(Entry::parts).toArray(int[][]::new));
  }

  private int compile(Element element) throws ModelLoadException {
    Entry entry =
        switch (element.name()) {
          case "True" -> new Entry(Question.ALWAYS, 0, 0, NO_SET, NO_PARTS);
          case "False" -> new Entry(Question.NEVER, 0, 0, NO_SET, NO_PARTS);
          case "SimplePredicate" -> simple(element);
          case "SimpleSetPredicate" -> set(element);
          default -> compound(element);
        };
    entries.add(entry);
    return entries.size() - 1;
  }

  private Entry simple(Element element) throws ModelLoadException {
    Variable variable = scope.get(element.get("field"), element);
    Question question =
        switch (element.get("operator")) {
          case "equal" -> Question.EQUAL;
          case "notEqual" -> Question.NOT_EQUAL;
          case "lessThan" -> Question.LESS;
          case "lessOrEqual" -> Question.LESS_OR_EQUAL;
          case "greaterThan" -> Question.GREATER;
          case "greaterOrEqual" -> Question.GREATER_OR_EQUAL;
          case "isMissing" -> Question.MISSING;
          case "isNotMissing" -> Question.NOT_MISSING;
          default ->
              throw element.wrong(
                  "operator: \""
                      + element.get("operator")
                      + "\" (expected: equal, notEqual, lessThan, lessOrEqual, greaterThan,"
                      + " greaterOrEqual, isMissing or isNotMissing)");
        };
    if (question == Question.MISSING || question == Question.NOT_MISSING) {
      return new Entry(question, variable.slot(), 0, NO_SET, NO_PARTS);
    }
    boolean isOrder = question != Question.EQUAL && question != Question.NOT_EQUAL;
    if (isOrder && variable.type() == DataType.STRING) {
      throw element.wrong(
          "operator: \""
              + element.get("operator")
              + "\" for a string (expected: equal or notEqual, as strings have no order)");
    }
    double operand = scope.build().parse(element, element.get("value"), variable.type());
    return new Entry(question, variable.slot(), operand, NO_SET, NO_PARTS);
  }

  private Entry set(Element element) throws ModelLoadException {
    Variable variable = scope.get(element.get("field"), element);
    boolean isIn = element.choice("booleanOperator", "isIn", "isNotIn").equals("isIn");
    Element array = element.child("Array");
    List<String> texts = ArrayElement.texts(array);
    double[] set = new double[texts.size()];
    for (int i = 0; i < set.length; i++) {
      // Adding 0 makes -0 a 0, from which a binary search would tell it apart.
      set[i] = 0 + scope.build().parse(array, texts.get(i), variable.type());
    }
    Arrays.sort(set);
    return new Entry(isIn ? Question.IN : Question.NOT_IN, variable.slot(), 0, set, NO_PARTS);
  }

  private Entry compound(Element element) throws ModelLoadException {
    String operator = element.get("booleanOperator");
    Question question =
        switch (operator) {
          case "and" -> Question.AND;
          case "or" -> Question.OR;
          case "xor" -> Question.XOR;
          case "surrogate" -> Question.SURROGATE;
          default ->
              throw element.wrong(
                  "booleanOperator: \"" + operator + "\" (expected: and, or, xor or surrogate)");
        };
    List<Element> children = element.children();
    int[] parts = new int[children.size()];
    for (int i = 0; i < parts.length; i++) {
      if (!isPredicate(children.get(i))) {
        throw children.get(i).wrong("is not supported in <CompoundPredicate>");
      }
      parts[i] = compile(children.get(i));
    }
    if (parts.length == 0) {
      throw element.wrong("no predicates (expected: at least 1)");
    }
    return new Entry(question, 0, 0, NO_SET, parts);
  }
}
