package io.salver.engine.pmml;

/** Changes values or results of a row. Immutable. */
interface Step {
  void run(Row row);
}
