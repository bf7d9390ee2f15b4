package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A field of the data dictionary: its type, and which of its values are valid.
 *
 * @param valid the values that are listed as valid, in the file's order
 * @param invalid those that are listed as invalid
 * @param missing those that are listed as missing
 * @param intervals where numbers are valid
 */
@SuppressWarnings("ArrayRecordComponent")
record DataField(
    String name,
    DataType type,
    boolean isOrdinal,
    double[] valid,
    double[] invalid,
    double[] missing,
    List<Interval> intervals) {

  /** The field of a {@code DataField}. */
  static DataField of(Element element, Build build) throws ModelLoadException {
    element.checkChildren("Value", "Interval");
    DataType type = DataType.of(element);
    List<Double> valid = new ArrayList<>();
    List<Double> invalid = new ArrayList<>();
    List<Double> missing = new ArrayList<>();
    for (Element value : element.children("Value")) {
      List<Double> list =
          switch (value.choice("property", "valid", "invalid", "missing")) {
            case "valid" -> valid;
            case "invalid" -> invalid;
            default -> missing;
          };
      list.add(build.parse(value, value.get("value"), type));
    }
    List<Interval> intervals = new ArrayList<>();
    for (Element interval : element.children("Interval")) {
      intervals.add(Interval.of(interval));
    }
    return new DataField(
        element.get("name"),
        type,
        element.get("optype", "").equals("ordinal"),
        array(valid),
        array(invalid),
        array(missing),
        intervals);
  }

  private static double[] array(List<Double> list) {
    return list.stream().mapToDouble(Double::doubleValue).toArray();
  }

  boolean isMissing(double value) {
    return Double.isNaN(value) || contains(missing, value);
  }

  /** Whether a value that is not missing is valid. */
  boolean isValid(double value) {
    if (contains(invalid, value) || type == DataType.INTEGER && value != Math.rint(value)) {
      return false;
    }
    if (valid.length == 0 && intervals.isEmpty() || contains(valid, value)) {
      return true;
    }
    for (Interval interval : intervals) {
      if (interval.contains(value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean contains(double[] values, double value) {
    for (double one : values) {
      if (one == value) {
        return true;
      }
    }
    return false;
  }

  /** What is valid, for a message: {@code [4.3, 7.9]} or {@code red, green, ...}. */
  String expectation(Texts texts) {
    StringBuilder text = new StringBuilder();
    for (Interval interval : intervals) {
      text.append(text.isEmpty() ? "" : ", ").append(interval);
    }
    for (double value : Arrays.copyOf(valid, Math.min(valid.length, 8))) {
      text.append(text.isEmpty() ? "" : ", ").append(Casts.toText(value, type, texts));
    }
    return text.isEmpty()
        ? type == DataType.INTEGER ? "a whole number" : "a valid value"
        : text + (valid.length > 8 ? ", ..." : "");
  }
}
