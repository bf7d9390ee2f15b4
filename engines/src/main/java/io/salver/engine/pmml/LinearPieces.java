package io.salver.engine.pmml;

/**
 * A function of straight pieces between points.
 *
 * @param from where the points lie, ascending
 * @param to the function there
 * @param isMissingOutside whether it is missing beyond the first and last point
 * @param isConstantOutside whether it stays there what it is at those points; if neither, the outer
 *     pieces go on
 * @param missing the function of a missing value
 */
@SuppressWarnings("ArrayRecordComponent")
record LinearPieces(
    double[] from,
    double[] to,
    boolean isMissingOutside,
    boolean isConstantOutside,
    double missing) {

  double value(double x) {
    int last = from.length - 1;
    if (Double.isNaN(x)) {
      return missing;
    }
    if (x < from[0] || x > from[last]) {
      if (isMissingOutside) {
        return Double.NaN;
      }
      if (isConstantOutside) {
        return x < from[0] ? to[0] : to[last];
      }
    }
    int piece = 0;
    while (piece < last - 1 && x > from[piece + 1]) {
      piece++;
    }
    double width = from[piece + 1] - from[piece];
    return to[piece] + (x - from[piece]) / width * (to[piece + 1] - to[piece]);
  }
}
