package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;

/** Turns values of one type into those of another. */
final class Casts {
  /** Beyond it, not every whole number is a double. */
  private static final double MAX_WHOLE = 1L << 53;

  private Casts() {}

  /**
   * An expression of another type. A constant is read anew, so that {@code 1} may be a number or a
   * string; a number becomes a whole one by leaving out what follows the point; what cannot be
   * turned is missing.
   *
   * @param where for the message if a constant is not of that type
   */
  static Expression cast(Typed from, DataType to, Element where, Build build)
      throws ModelLoadException {
    Expression expression = from.expression();
    DataType type = from.type();
    if (type == to || type == DataType.FLOAT && to == DataType.DOUBLE) {
      return expression;
    }
    String constant = from.constant();
    if (constant != null && (type == DataType.STRING) != (to == DataType.STRING)) {
      double value = build.parse(where, constant, to);
      return row -> value;
    }
    if (type == DataType.STRING) {
      return row -> {
        double value = expression.value(row);
        return Double.isNaN(value) ? value : fromText(row.text(value), to);
      };
    }
    return switch (to) {
      case STRING ->
          row -> {
            double value = expression.value(row);
            return Double.isNaN(value) ? value : row.texts.code(toText(value, type, row.texts));
          };
      case FLOAT -> row -> (float) expression.value(row);
      case INTEGER -> row -> truncated(expression.value(row));
      case BOOLEAN ->
          row -> {
            double value = expression.value(row);
            return Double.isNaN(value) ? value : value == 0 ? 0 : 1;
          };
      case DOUBLE -> expression;
    };
  }

  private static double truncated(double value) {
    return value < 0 ? Math.ceil(value) : Math.floor(value);
  }

  private static double fromText(String text, DataType to) {
    if (to == DataType.BOOLEAN) {
      return text.equals("true") ? 1 : text.equals("false") ? 0 : Double.NaN;
    }
    try {
      double number = Double.parseDouble(text);
      return switch (to) {
        case FLOAT -> (float) number;
        case INTEGER -> truncated(number);
        case DOUBLE, BOOLEAN, STRING -> number;
      };
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** A value that is not missing, as PMML writes it. */
  static String toText(double value, DataType type, Texts texts) {
    return switch (type) {
      case STRING -> texts.text((int) value);
      case BOOLEAN -> value == 0 ? "false" : "true";
      case INTEGER ->
          Math.abs(value) < MAX_WHOLE && value == (long) value
              ? Long.toString((long) value)
              : Double.toString(value);
      case FLOAT -> Float.toString((float) value);
      case DOUBLE -> Double.toString(value);
    };
  }
}
