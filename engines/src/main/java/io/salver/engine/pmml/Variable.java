package io.salver.engine.pmml;

/**
 * A named value.
 *
 * @param slot its place in {@link Row#values}
 */
record Variable(int slot, DataType type) {}
