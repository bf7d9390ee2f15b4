package io.salver.endpoint;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.salver.predict.ServingException;
import io.salver.routing.Label;

/**
 * What turned out to be true of a prediction.
 *
 * @param text as a class is written; a whole number without a decimal point
 * @param number the same as a number; NaN if it is none
 */
record Truth(String text, double number) {
  private static final int MAX_CHARS = 256;

  /**
   * What a JSON value says.
   *
   * @throws ServingException INVALID_ARGUMENT if it is not a string, a number or a boolean
   */
  static Truth of(JsonElement value) {
    if (!(value instanceof JsonPrimitive primitive)) {
      throw JsonMembers.wrong("label", value, "a string, a number or a boolean");
    }
    String text = primitive.getAsString();
    if (text.length() > MAX_CHARS) {
      throw ServingException.invalid(
          "label: " + text.length() + " characters (expected: at most " + MAX_CHARS + ")");
    }
    if (primitive.isBoolean()) {
      return new Truth(text, primitive.getAsBoolean() ? 1 : 0);
    }
    double number = number(text);
    boolean whole = primitive.isNumber() && number == Math.rint(number) && Math.abs(number) < 1e15;
    return new Truth(whole ? Long.toString((long) number) : text, number);
  }

  private static double number(String text) {
    try {
      double number = Double.parseDouble(text);
      return Double.isFinite(number) ? number : Double.NaN;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** Whether a prediction of a class says the same. */
  boolean is(Label predicted) {
    return predicted.text().equals(text);
  }

  /** How far a predicted number is from this one; NaN if this is none. */
  double distance(Label predicted) {
    return Math.abs(Double.parseDouble(predicted.text()) - number);
  }

  /** The same as a prediction would have said it. */
  Label asClass() {
    return new Label.Name(text);
  }
}
