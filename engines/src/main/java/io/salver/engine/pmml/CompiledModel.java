package io.salver.engine.pmml;

import java.util.List;
import java.util.Map;

/**
 * The model of a file.
 *
 * @param inputs by name, where their values are put
 * @param optionalInputs those of them that may be left out
 * @param texts the strings of the file
 * @param valueCount of {@link Row#values}
 * @param resultCount of {@link Row#results}
 */
record CompiledModel(
    Program program,
    Map<String, Variable> inputs,
    List<String> optionalInputs,
    Texts texts,
    int valueCount,
    int resultCount) {

  /** A row to compute with. */
  Row newRow() {
    return new Row(valueCount, resultCount, new Texts(texts));
  }
}
