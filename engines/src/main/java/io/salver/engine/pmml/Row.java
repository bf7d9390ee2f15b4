package io.salver.engine.pmml;

/**
 * The values of the row that is being computed. Each is a double: a number itself, a boolean as 0
 * or 1, a string by its number in {@link #texts}. NaN is a missing value, of any type.
 *
 * <p>Used by one thread, for one row after the other.
 */
final class Row {
  /** What has a name: fields, derived fields, outputs. */
  final double[] values;

  /** What models hand to whoever runs them; shared by models that run one after the other. */
  final double[] results;

  final Texts texts;

  Row(int valueCount, int resultCount, Texts texts) {
    this.values = new double[valueCount];
    this.results = new double[resultCount];
    this.texts = texts;
  }

  /** The string of a value that is not missing. */
  String text(double value) {
    return texts.text((int) value);
  }
}
