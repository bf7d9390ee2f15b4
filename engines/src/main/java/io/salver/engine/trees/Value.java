package io.salver.engine.trees;

import java.util.List;
import java.util.Map;

/**
 * What a JSON or UBJSON file says. Truth values are the numbers 0 and 1, as XGBoost writes some of
 * them in one way and some in the other.
 */
sealed interface Value {
  /** An object: its members by name, the last one where a name occurs twice. */
  record Members(Map<String, Value> byName) implements Value {}

  /** An array that holds something else than numbers. */
  record Items(List<Value> list) implements Value {}

  /** An array of numbers only; so is an empty one. */
  @SuppressWarnings("ArrayRecordComponent")
  record Numbers(double[] array) implements Value {}

  /** A string. */
  record Text(String string) implements Value {}

  /** A number, as near as a double comes. */
  record Single(double number) implements Value {}

  /** Nothing. */
  record Null() implements Value {}
}
