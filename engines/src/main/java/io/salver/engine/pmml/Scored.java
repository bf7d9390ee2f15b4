package io.salver.engine.pmml;

/**
 * A model's algorithm, compiled.
 *
 * @param outputScope the names that the model's outputs know
 */
record Scored(Scorer scorer, Result result, Scope outputScope) {}
