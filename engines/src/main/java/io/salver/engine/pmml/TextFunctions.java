package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import io.salver.predict.ServingException;
import java.util.List;
import java.util.Locale;

/** The built-in functions of strings. */
final class TextFunctions {
  /** What concatenations of concatenations may grow to. */
  private static final int MAX_LENGTH = 1 << 20;

  private TextFunctions() {}

  /** A string made of another. */
  private interface Change {
    String of(String text);
  }

  static Typed call(String name, List<Typed> arguments, Element where, Build build)
      throws ModelLoadException {
    return switch (name) {
      case "uppercase" -> change(arguments, where, build, t -> t.toUpperCase(Locale.ROOT));
      case "lowercase" -> change(arguments, where, build, t -> t.toLowerCase(Locale.ROOT));
      case "trimBlanks" -> change(arguments, where, build, String::strip);
      case "stringLength" -> length(arguments, where, build);
      case "substring" -> substring(arguments, where, build);
      default -> concat(arguments, where, build);
    };
  }

  private static Expression text(List<Typed> arguments, int index, Element where, Build build)
      throws ModelLoadException {
    return Casts.cast(arguments.get(index), DataType.STRING, where, build);
  }

  private static void check(List<Typed> arguments, int expected, Element where)
      throws ModelLoadException {
    if (arguments.size() != expected) {
      throw where.wrong(arguments.size() + " arguments (expected: " + expected + ")");
    }
  }

  private static Typed change(List<Typed> arguments, Element where, Build build, Change change)
      throws ModelLoadException {
    check(arguments, 1, where);
    Expression text = text(arguments, 0, where, build);
    return Typed.of(
        row -> {
          double value = text.value(row);
          return Double.isNaN(value) ? value : row.texts.code(change.of(row.text(value)));
        },
        DataType.STRING);
  }

  private static Typed length(List<Typed> arguments, Element where, Build build)
      throws ModelLoadException {
    check(arguments, 1, where);
    Expression text = text(arguments, 0, where, build);
    return Typed.of(
        row -> {
          double value = text.value(row);
          return Double.isNaN(value) ? value : row.text(value).length();
        },
        DataType.INTEGER);
  }

  /** The characters from the one that the second argument counts, from 1, as many as the third. */
  private static Typed substring(List<Typed> arguments, Element where, Build build)
      throws ModelLoadException {
    check(arguments, 3, where);
    Expression text = text(arguments, 0, where, build);
    Expression start = Casts.cast(arguments.get(1), DataType.INTEGER, where, build);
    Expression length = Casts.cast(arguments.get(2), DataType.INTEGER, where, build);
    return Typed.of(
        row -> {
          double value = text.value(row);
          double from = start.value(row);
          double count = length.value(row);
          if (Double.isNaN(value) || Double.isNaN(from) || Double.isNaN(count)) {
            return Double.NaN;
          }
          String whole = row.text(value);
          int begin = (int) Math.clamp(from - 1, 0, whole.length());
          int end = (int) Math.clamp(begin + count, begin, whole.length());
          return row.texts.code(whole.substring(begin, end));
        },
        DataType.STRING);
  }

  private static Typed concat(List<Typed> arguments, Element where, Build build)
      throws ModelLoadException {
    Expression[] parts = new Expression[arguments.size()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = text(arguments, i, where, build);
    }
    return Typed.of(
        row -> {
          StringBuilder whole = new StringBuilder();
          for (Expression part : parts) {
            double value = part.value(row);
            if (Double.isNaN(value)) {
              return value;
            }
            whole.append(row.text(value));
            if (whole.length() > MAX_LENGTH) {
              throw ServingException.invalid(
                  "concat: more than " + MAX_LENGTH + " characters (expected: at most as many)");
            }
          }
          return row.texts.code(whole.toString());
        },
        DataType.STRING);
  }
}
