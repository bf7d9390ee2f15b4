package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;

/** Numbers from {@code low} to {@code high}, which belong to it unless they are open. */
record Interval(double low, double high, boolean isLowOpen, boolean isHighOpen) {
  /** The interval of an {@code Interval}. */
  static Interval of(Element element) throws ModelLoadException {
    String closure =
        element.choice("closure", "closedClosed", "openClosed", "openOpen", "closedOpen");
    return new Interval(
        element.number("leftMargin", Double.NEGATIVE_INFINITY),
        element.number("rightMargin", Double.POSITIVE_INFINITY),
        closure.startsWith("open"),
        closure.endsWith("Open"));
  }

  boolean contains(double number) {
    return (isLowOpen ? number > low : number >= low)
        && (isHighOpen ? number < high : number <= high);
  }

  @Override
  public String toString() {
    return (isLowOpen ? "(" : "[") + low + ", " + high + (isHighOpen ? ")" : "]");
  }
}
