package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compiles the elements that compute a value. */
final class Expressions {
  private final Scope scope;
  private final Build build;

  private Expressions(Scope scope) {
    this.scope = scope;
    this.build = scope.build();
  }

  /** The expression that is the child of {@code owner}, besides what else it may have. */
  static Typed inside(Element owner, Scope scope) throws ModelLoadException {
    for (Element child : owner.children()) {
      if (!child.is("Value") && !child.is("Interval") && !child.is("ParameterField")) {
        return new Expressions(scope).compile(child);
      }
    }
    throw owner.wrong("no expression (expected: one)");
  }

  /** The value of an expression element. */
  static Typed of(Element element, Scope scope) throws ModelLoadException {
    return new Expressions(scope).compile(element);
  }

  private Typed compile(Element element) throws ModelLoadException {
    build.countExpression(element);
    return switch (element.name()) {
      case "FieldRef" -> fieldRef(element);
      case "Constant" -> constant(element);
      case "NormContinuous" -> normContinuous(element);
      case "NormDiscrete" -> normDiscrete(element);
      case "Discretize" -> discretize(element);
      case "MapValues" -> MapValues.compile(element, scope);
      case "Apply" -> apply(element);
      default ->
          throw element.wrong(
              "is not supported (expected: FieldRef, Constant, NormContinuous, NormDiscrete,"
                  + " Discretize, MapValues or Apply)");
    };
  }

  private Typed fieldRef(Element element) throws ModelLoadException {
    Variable variable = scope.get(element.get("field"), element);
    int slot = variable.slot();
    return Typed.of(
        instead(row -> row.values[slot], element, "mapMissingTo", variable.type()),
        variable.type());
  }

  /** The expression with what an attribute says instead of a missing value, if it is there. */
  private Expression instead(
      Expression expression, Element element, String attribute, DataType type)
      throws ModelLoadException {
    String value = element.find(attribute, null);
    if (value == null) {
      return expression;
    }
    double otherwise = build.parse(element, value, type);
    return row -> {
      double found = expression.value(row);
      return Double.isNaN(found) ? otherwise : found;
    };
  }

  private Typed constant(Element element) throws ModelLoadException {
    if (element.flag("missing", false)) {
      return Typed.of(row -> Double.NaN, DataType.of(element, DataType.DOUBLE));
    }
    String text = element.text();
    DataType type = DataType.of(element, text.isEmpty() ? DataType.STRING : guess(text));
    double value = build.parse(element, text, type);
    return new Typed(row -> value, type, text);
  }

  private static DataType guess(String text) {
    try {
      double number = Double.parseDouble(text);
      return number == Math.rint(number) && !text.contains(".")
          ? DataType.INTEGER
          : DataType.DOUBLE;
    } catch (NumberFormatException e) {
      return DataType.STRING;
    }
  }

  private Typed normContinuous(Element element) throws ModelLoadException {
    int slot = number(element).slot();
    LinearPieces pieces = pieces(element, "orig", "norm");
    return Typed.of(row -> pieces.value(row.values[slot]), DataType.DOUBLE);
  }

  /** What undoes a {@code NormContinuous}. */
  static LinearPieces inversePieces(Element element) throws ModelLoadException {
    return pieces(element, "norm", "orig");
  }

  private static LinearPieces pieces(Element element, String from, String to)
      throws ModelLoadException {
    List<Element> norms = element.children("LinearNorm");
    if (norms.size() < 2) {
      throw element.wrong(norms.size() + " <LinearNorm> (expected: >= 2)");
    }
    double[] points = new double[norms.size()];
    double[] values = new double[norms.size()];
    for (int i = 0; i < points.length; i++) {
      points[i] = norms.get(i).number(from);
      values[i] = norms.get(i).number(to);
      if (i > 0 && !(points[i] > points[i - 1])) {
        throw norms.get(i).wrong(from + ": " + points[i] + " (expected: > " + points[i - 1] + ")");
      }
    }
    String outliers = element.choice("outliers", "asIs", "asMissingValues", "asExtremeValues");
    return new LinearPieces(
        points,
        values,
        outliers.equals("asMissingValues"),
        outliers.equals("asExtremeValues"),
        element.has("mapMissingTo") ? element.number("mapMissingTo") : Double.NaN);
  }

  private Variable number(Element element) throws ModelLoadException {
    Variable variable = scope.get(element.get("field"), element);
    if (variable.type() == DataType.STRING) {
      throw element.wrong("field \"" + element.get("field") + "\": a string (expected: a number)");
    }
    return variable;
  }

  private Typed normDiscrete(Element element) throws ModelLoadException {
    Variable variable = scope.get(element.get("field"), element);
    double wanted = build.parse(element, element.get("value"), variable.type());
    double missing = element.has("mapMissingTo") ? element.number("mapMissingTo") : Double.NaN;
    int slot = variable.slot();
    return Typed.of(
        row -> {
          double value = row.values[slot];
          return Double.isNaN(value) ? missing : value == wanted ? 1 : 0;
        },
        DataType.DOUBLE);
  }

  private Typed discretize(Element element) throws ModelLoadException {
    int slot = number(element).slot();
    DataType type = DataType.of(element, DataType.STRING);
    List<Element> bins = element.children("DiscretizeBin");
    Interval[] intervals = new Interval[bins.size()];
    double[] values = new double[bins.size()];
    for (int i = 0; i < intervals.length; i++) {
      intervals[i] = Interval.of(bins.get(i).child("Interval"));
      values[i] = build.parse(bins.get(i), bins.get(i).get("binValue"), type);
    }
    double missing = optional(element, "mapMissingTo", type);
    double otherwise = optional(element, "defaultValue", type);
    return Typed.of(
        row -> {
          double number = row.values[slot];
          if (Double.isNaN(number)) {
            return missing;
          }
          for (int i = 0; i < intervals.length; i++) {
            if (intervals[i].contains(number)) {
              return values[i];
            }
          }
          return otherwise;
        },
        type);
  }

  private double optional(Element element, String attribute, DataType type)
      throws ModelLoadException {
    String value = element.find(attribute, null);
    return value == null ? Double.NaN : build.parse(element, value, type);
  }

  private Typed apply(Element element) throws ModelLoadException {
    List<Typed> arguments = new ArrayList<>();
    for (Element child : element.children()) {
      arguments.add(compile(child));
    }
    String missing = element.find("mapMissingTo", null);
    Expression[] given = arguments.stream().map(Typed::expression).toArray(Expression[]::new);
    int[] slots = new int[given.length];
    if (missing != null) {
      for (int i = 0; i < given.length; i++) {
        int slot = build.newValue();
        slots[i] = slot;
        Typed argument = arguments.get(i);
        arguments.set(i, new Typed(row -> row.values[slot], argument.type(), argument.constant()));
      }
    }
    String name = element.get("function");
    Optional<Element> defined = build.function(name);
    Typed result =
        defined.isPresent()
            ? call(defined.get(), arguments, element)
            : Functions.call(name, arguments, element, build);
    Expression expression = result.expression();
    if (missing != null) {
      double otherwise = build.parse(element, missing, result.type());
      Expression complete = expression;
      expression =
          row -> {
            for (int i = 0; i < given.length; i++) {
              double value = given[i].value(row);
              if (Double.isNaN(value)) {
                return otherwise;
              }
              row.values[slots[i]] = value;
            }
            return complete.value(row);
          };
    }
    return Typed.of(instead(expression, element, "defaultValue", result.type()), result.type());
  }

  /**
   * A call of a function of the file's. Its body is compiled for each call, with values of their
   * own for its parameters.
   */
  private Typed call(Element function, List<Typed> arguments, Element where)
      throws ModelLoadException {
    List<Element> parameters = function.children("ParameterField");
    if (parameters.size() != arguments.size()) {
      throw where.wrong(arguments.size() + " arguments (expected: " + parameters.size() + ")");
    }
    Scope inner = new Scope(build, null);
    int[] slots = new int[parameters.size()];
    Expression[] values = new Expression[slots.length];
    for (int i = 0; i < slots.length; i++) {
      DataType type = DataType.of(parameters.get(i), arguments.get(i).type());
      Variable variable = build.newVariable(type);
      slots[i] = variable.slot();
      values[i] = Casts.cast(arguments.get(i), type, where, build);
      inner.put(parameters.get(i).get("name"), variable);
    }
    build.enter(function);
    Typed body = inside(function, inner);
    build.leave();
    DataType type = DataType.of(function, body.type());
    Expression expression = Casts.cast(body, type, function, build);
    return Typed.of(
        row -> {
          for (int i = 0; i < slots.length; i++) {
            row.values[slots[i]] = values[i].value(row);
          }
          return expression.value(row);
        },
        type);
  }
}
