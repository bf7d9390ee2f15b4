package io.salver.engine.pmml;

import org.jspecify.annotations.Nullable;

/**
 * An expression and the type of its values.
 *
 * @param constant what the file says, if it is a constant: it may have to be read as another type
 */
record Typed(Expression expression, DataType type, @Nullable String constant) {
  static Typed of(Expression expression, DataType type) {
    return new Typed(expression, type, null);
  }
}
