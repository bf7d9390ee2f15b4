package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * PMML's built-in functions. What is missing makes the result missing, but for those that ask for
 * it, aggregates, which leave it out, and truth, which has three values.
 */
final class Functions {
  private final String name;
  private final List<Typed> arguments;
  private final Element where;
  private final Build build;

  private Functions(String name, List<Typed> arguments, Element where, Build build) {
    this.name = name;
    this.arguments = arguments;
    this.where = where;
    this.build = build;
  }

  /** A call of a built-in function. */
  static Typed call(String name, List<Typed> arguments, Element where, Build build)
      throws ModelLoadException {
    return new Functions(name, arguments, where, build).call();
  }

  private Typed call() throws ModelLoadException {
    return switch (name) {
      case "+" -> arithmetic((x, y) -> x + y);
      case "-" -> arguments.size() == 1 ? ofNumber(x -> -x) : arithmetic((x, y) -> x - y);
      case "*" -> arithmetic((x, y) -> x * y);
      case "/" -> ofNumbers((x, y) -> x / y);
      case "pow" -> ofNumbers(Math::pow);
      case "modulo" -> ofNumbers((x, y) -> x - y * Math.floor(x / y));
      case "threshold" -> ofNumbers((x, y) -> x > y ? 1 : 0);
      case "hypot" -> ofNumbers(Math::hypot);
      case "atan2" -> ofNumbers(Math::atan2);
      case "log10" -> ofNumber(Math::log10);
      case "ln" -> ofNumber(Math::log);
      case "ln1p" -> ofNumber(Math::log1p);
      case "exp" -> ofNumber(Math::exp);
      case "expm1" -> ofNumber(Math::expm1);
      case "sqrt" -> ofNumber(Math::sqrt);
      case "abs" -> ofNumber(Math::abs);
      case "floor" -> ofNumber(Math::floor);
      case "ceil" -> ofNumber(Math::ceil);
      case "round" -> ofNumber(x -> Math.floor(x + 0.5));
      case "rint" -> ofNumber(Math::rint);
      case "sin" -> ofNumber(Math::sin);
      case "cos" -> ofNumber(Math::cos);
      case "tan" -> ofNumber(Math::tan);
      case "asin" -> ofNumber(Math::asin);
      case "acos" -> ofNumber(Math::acos);
      case "atan" -> ofNumber(Math::atan);
      case "sinh" -> ofNumber(Math::sinh);
      case "cosh" -> ofNumber(Math::cosh);
      case "tanh" -> ofNumber(Math::tanh);
      case "stdNormalCDF" -> ofNumber(Normal::cumulative);
      case "min", "max", "sum", "avg", "median", "product" -> aggregate();
      case "isMissing" -> isMissing(true);
      case "isNotMissing" -> isMissing(false);
      case "equal", "notEqual" -> equality(name.equals("equal"));
      case "lessThan" -> comparison((x, y) -> x < y ? 1 : 0);
      case "lessOrEqual" -> comparison((x, y) -> x <= y ? 1 : 0);
      case "greaterThan" -> comparison((x, y) -> x > y ? 1 : 0);
      case "greaterOrEqual" -> comparison((x, y) -> x >= y ? 1 : 0);
      case "isIn", "isNotIn" -> isIn(name.equals("isIn"));
      case "and" -> truth(0);
      case "or" -> truth(1);
      case "not" -> not();
      case "if" -> condition();
      case "uppercase", "lowercase", "trimBlanks", "concat", "substring", "stringLength" ->
          TextFunctions.call(name, arguments, where, build);
      default ->
          throw where.wrong(
              "function: \""
                  + name
                  + "\" (expected: a function that the file defines, or a built-in one of numbers,"
                  + " truth or strings; not those of dates, formats and regular expressions)");
    };
  }

  private void check(int least, int most) throws ModelLoadException {
    if (arguments.size() < least || arguments.size() > most) {
      throw where.wrong(
          arguments.size()
              + " arguments (expected: "
              + (least == most
                  ? "" + least
                  : most == Integer.MAX_VALUE ? ">= " + least : least + " to " + most)
              + ")");
    }
  }

  private Expression number(int argument) throws ModelLoadException {
    return Casts.cast(arguments.get(argument), DataType.DOUBLE, where, build);
  }

  private Expression[] numbers() throws ModelLoadException {
    Expression[] numbers = new Expression[arguments.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(i);
    }
    return numbers;
  }

  private Typed ofNumber(DoubleUnaryOperator function) throws ModelLoadException {
    check(1, 1);
    Expression x = number(0);
    return Typed.of(row -> finite(function.applyAsDouble(x.value(row))), DataType.DOUBLE);
  }

  /** A function of two numbers, of which neither is missing; Math.pow, for one, gives 1 for NaN. */
  private Typed ofNumbers(DoubleBinaryOperator function) throws ModelLoadException {
    check(2, 2);
    return Typed.of(both(number(0), number(1), function), DataType.DOUBLE);
  }

  private static Expression both(Expression x, Expression y, DoubleBinaryOperator function) {
    return row -> {
      double a = x.value(row);
      double b = y.value(row);
      return Double.isNaN(a) || Double.isNaN(b) ? Double.NaN : finite(function.applyAsDouble(a, b));
    };
  }

  /** A quotient by 0, or what is too large, is no number in PMML. */
  private static double finite(double number) {
    return Double.isInfinite(number) ? Double.NaN : number;
  }

  private Typed arithmetic(DoubleBinaryOperator function) throws ModelLoadException {
    Typed result = ofNumbers(function);
    boolean isWhole = arguments.stream().allMatch(a -> a.type() == DataType.INTEGER);
    return Typed.of(result.expression(), isWhole ? DataType.INTEGER : DataType.DOUBLE);
  }

  private Typed aggregate() throws ModelLoadException {
    check(1, Integer.MAX_VALUE);
    Expression[] all = numbers();
    return Typed.of(
        switch (name) {
          case "min" -> row -> fold(all, row, Math::min);
          case "max" -> row -> fold(all, row, Math::max);
          case "sum" -> row -> fold(all, row, Double::sum);
          case "product" -> row -> fold(all, row, (x, y) -> x * y);
          case "avg" -> row -> Medians.mean(all, row);
          default -> row -> Medians.median(all, row);
        },
        DataType.DOUBLE);
  }

  private static double fold(Expression[] all, Row row, DoubleBinaryOperator function) {
    double result = Double.NaN;
    for (Expression one : all) {
      double value = one.value(row);
      if (!Double.isNaN(value)) {
        result = Double.isNaN(result) ? value : function.applyAsDouble(result, value);
      }
    }
    return result;
  }

  private Typed isMissing(boolean wanted) throws ModelLoadException {
    check(1, 1);
    Expression x = arguments.get(0).expression();
    return Typed.of(row -> Double.isNaN(x.value(row)) == wanted ? 1 : 0, DataType.BOOLEAN);
  }

  private Typed comparison(DoubleBinaryOperator function) throws ModelLoadException {
    check(2, 2);
    for (Typed argument : arguments) {
      if (argument.type() == DataType.STRING && argument.constant() == null) {
        throw where.wrong("a string (expected: numbers, as strings have no order)");
      }
    }
    return Typed.of(both(number(0), number(1), function), DataType.BOOLEAN);
  }

  private Typed equality(boolean wanted) throws ModelLoadException {
    check(2, 2);
    DataType type = common(arguments.get(0), arguments.get(1));
    Expression x = Casts.cast(arguments.get(0), type, where, build);
    Expression y = Casts.cast(arguments.get(1), type, where, build);
    return Typed.of(both(x, y, (a, b) -> a == b == wanted ? 1 : 0), DataType.BOOLEAN);
  }

  /** The type in which two values are compared: that of the one that is no constant. */
  private static DataType common(Typed x, Typed y) {
    if (x.type() == y.type()) {
      return x.type();
    }
    if (x.type().isNumber() && y.type().isNumber()) {
      return DataType.DOUBLE;
    }
    return x.constant() == null ? x.type() : y.type();
  }

  private Typed isIn(boolean wanted) throws ModelLoadException {
    check(2, Integer.MAX_VALUE);
    DataType type = arguments.get(0).type();
    Expression x = arguments.get(0).expression();
    Expression[] set = new Expression[arguments.size() - 1];
    for (int i = 0; i < set.length; i++) {
      set[i] = Casts.cast(arguments.get(i + 1), type, where, build);
    }
    return Typed.of(
        row -> {
          double value = x.value(row);
          if (Double.isNaN(value)) {
            return value;
          }
          for (Expression one : set) {
            if (one.value(row) == value) {
              return wanted ? 1 : 0;
            }
          }
          return wanted ? 0 : 1;
        },
        DataType.BOOLEAN);
  }

  private Expression[] truths() throws ModelLoadException {
    Expression[] truths = new Expression[arguments.size()];
    for (int i = 0; i < truths.length; i++) {
      truths[i] = Casts.cast(arguments.get(i), DataType.BOOLEAN, where, build);
    }
    return truths;
  }

  /** And, or: the deciding value decides; without one, what is missing makes it missing. */
  private Typed truth(double deciding) throws ModelLoadException {
    check(2, Integer.MAX_VALUE);
    Expression[] all = truths();
    return Typed.of(
        row -> {
          double result = 1 - deciding;
          for (Expression one : all) {
            double value = one.value(row);
            if (value == deciding) {
              return deciding;
            }
            result += value - (1 - deciding);
          }
          return result;
        },
        DataType.BOOLEAN);
  }

  private Typed not() throws ModelLoadException {
    check(1, 1);
    Expression x = truths()[0];
    return Typed.of(row -> 1 - x.value(row), DataType.BOOLEAN);
  }

  private Typed condition() throws ModelLoadException {
    check(2, 3);
    Expression condition = Casts.cast(arguments.get(0), DataType.BOOLEAN, where, build);
    Typed then = arguments.get(1);
    DataType type = arguments.size() == 2 ? then.type() : common(then, arguments.get(2));
    Expression first = Casts.cast(then, type, where, build);
    Expression second =
        arguments.size() == 2
            ? row -> Double.NaN
            : Casts.cast(arguments.get(2), type, where, build);
    return Typed.of(
        row -> {
          double value = condition.value(row);
          return Double.isNaN(value) ? value : value != 0 ? first.value(row) : second.value(row);
        },
        type);
  }
}
