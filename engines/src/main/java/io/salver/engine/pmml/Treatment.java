package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import io.salver.predict.ServingException;

/**
 * What a mining schema does with the values of a field: in this order, those that are invalid, then
 * outliers, then those that are missing.
 */
final class Treatment implements Step {
  private enum Invalid {
    REFUSED,
    AS_IS,
    MISSING,
    REPLACED
  }

  private enum Outliers {
    AS_IS,
    MISSING,
    EXTREME
  }

  private final DataField field;
  private final int from;
  private final int to;
  private final Invalid invalid;
  private final double invalidReplacement;
  private final Outliers outliers;
  private final double low;
  private final double high;
  private final boolean isMissingRefused;
  private final double missingReplacement;

  /**
   * The treatment of a {@code MiningField}.
   *
   * @param from where the value comes from
   * @param to where it goes
   */
  Treatment(Element element, DataField field, int from, int to, Build build)
      throws ModelLoadException {
    this.field = field;
    this.from = from;
    this.to = to;
    this.invalid =
        switch (element.choice(
            "invalidValueTreatment", "returnInvalid", "asIs", "asMissing", "asValue")) {
          case "returnInvalid" -> Invalid.REFUSED;
          case "asMissing" -> Invalid.MISSING;
          case "asValue" -> Invalid.REPLACED;
          default -> element.has("invalidValueReplacement") ? Invalid.REPLACED : Invalid.AS_IS;
        };
    this.invalidReplacement =
        invalid == Invalid.REPLACED
            ? build.parse(element, element.get("invalidValueReplacement"), field.type())
            : Double.NaN;
    this.outliers =
        switch (element.choice("outliers", "asIs", "asMissingValues", "asExtremeValues")) {
          case "asMissingValues" -> Outliers.MISSING;
          case "asExtremeValues" -> Outliers.EXTREME;
          default -> Outliers.AS_IS;
        };
    this.low = element.number("lowValue", Double.NEGATIVE_INFINITY);
    this.high = element.number("highValue", Double.POSITIVE_INFINITY);
    String replacement = element.find("missingValueReplacement", null);
    this.missingReplacement =
        replacement == null ? Double.NaN : build.parse(element, replacement, field.type());
    this.isMissingRefused =
        element.get("missingValueTreatment", "asIs").matches("returnInvalid|x-returnInvalid");
  }

  /** Whether a {@code MiningField} asks for anything that is not done anyway. */
  static boolean isSpecial(Element element) {
    return element.has("invalidValueTreatment")
            && !element.get("invalidValueTreatment", "").equals("asIs")
            && !element.get("invalidValueTreatment", "").equals("returnInvalid")
        || element.has("invalidValueReplacement")
        || element.has("missingValueReplacement")
        || element.has("outliers") && !element.get("outliers", "").equals("asIs")
        || element.has("missingValueTreatment");
  }

  @Override
  public void run(Row row) {
    double value = row.values[from];
    if (field.isMissing(value)) {
      value = Double.NaN;
    } else if (!field.isValid(value)) {
      switch (invalid) {
        case REFUSED -> throw refused(value, row);
        case MISSING -> value = Double.NaN;
        case REPLACED -> value = invalidReplacement;
        case AS_IS -> {}
      }
    } else if (value < low || value > high) {
      switch (outliers) {
        case MISSING -> value = Double.NaN;
        case EXTREME -> value = Math.clamp(value, low, high);
        case AS_IS -> {}
      }
    }
    if (Double.isNaN(value)) {
      if (isMissingRefused) {
        throw ServingException.invalid(
            field.name() + ": missing (expected: " + field.expectation(row.texts) + ")");
      }
      value = missingReplacement;
    }
    row.values[to] = value;
  }

  private ServingException refused(double value, Row row) {
    return ServingException.invalid(
        field.name()
            + ": "
            + Casts.toText(value, field.type(), row.texts)
            + " (expected: "
            + field.expectation(row.texts)
            + ")");
  }
}
