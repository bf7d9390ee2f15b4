package io.salver.engine.pmml;

/** The algorithm of a model: from the values of a row to its result. Immutable. */
interface Scorer {
  void score(Row row);
}
