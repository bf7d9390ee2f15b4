package io.salver.engine.pmml;

/** Computes a value of a row; NaN if it is missing. Immutable. */
interface Expression {
  double value(Row row);
}
