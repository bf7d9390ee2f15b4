package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.util.AbstractList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value of a file with its place in it, so that what is wrong with it can be told.
 *
 * @param where as {@code learner.objective.name}
 */
record Field(Value value, String where) {

  /** A member that must be there. */
  Field member(String name) throws ModelLoadException {
    Optional<Field> member = find(name);
    if (member.isEmpty()) {
      throw new ModelLoadException(
          (where.isEmpty() ? "file" : where) + ": no member \"" + name + "\" (expected: one)");
    }
    return member.get();
  }

  /** A member that may be there. */
  Optional<Field> find(String name) throws ModelLoadException {
    if (!(value instanceof Value.Members members)) {
      throw wrong("an object");
    }
    @Nullable Value found = members.byName().get(name);
    return found == null
        ? Optional.empty()
        : Optional.of(new Field(found, where.isEmpty() ? name : where + "." + name));
  }

  /** The elements of an array of objects. */
  List<Field> elements() throws ModelLoadException {
    if (value instanceof Value.Numbers(double[] array) && array.length == 0) {
      return List.of();
    }
    if (!(value instanceof Value.Items(List<Value> list))) {
      throw wrong("an array of objects");
    }
    return new AbstractList<>() {
      @Override
      public Field get(int index) {
        return new Field(list.get(index), where + "[" + index + "]");
      }

      @Override
      public int size() {
        return list.size();
      }
    };
  }

  /** An array of numbers. */
  double[] numbers() throws ModelLoadException {
    if (!(value instanceof Value.Numbers(double[] array))) {
      throw wrong("an array of numbers");
    }
    return array;
  }

  /** An array of {@code count} numbers. */
  double[] numbers(int count) throws ModelLoadException {
    double[] array = numbers();
    if (array.length != count) {
      throw new ModelLoadException(
          where + ": " + array.length + " elements (expected: " + count + ")");
    }
    return array;
  }

  /** An array of whole numbers of 32 bits. */
  int[] integers() throws ModelLoadException {
    double[] numbers = numbers();
    int[] integers = new int[numbers.length];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (int) numbers[i];
      if (integers[i] != numbers[i]) {
        throw new ModelLoadException(
            where + "[" + i + "]: " + numbers[i] + " (expected: a whole number of 32 bits)");
      }
    }
    return integers;
  }

  /** An array of {@code count} whole numbers. */
  int[] integers(int count) throws ModelLoadException {
    numbers(count);
    return integers();
  }

  /** A string. */
  String text() throws ModelLoadException {
    if (!(value instanceof Value.Text(String string))) {
      throw wrong("a string");
    }
    return string;
  }

  /** A whole number, which XGBoost often writes as a string. */
  int integer(int minimum) throws ModelLoadException {
    String text =
        switch (value) {
          case Value.Text(String string) -> string;
          case Value.Single(double number) when number == (long) number ->
              Long.toString((long) number);
          default -> throw wrong("a whole number");
        };
    try {
      int integer = Integer.parseInt(text);
      if (integer >= minimum) {
        return integer;
      }
    } catch (NumberFormatException e) {
      // Told below, as one that is too small.
    }
    throw new ModelLoadException(
        where + ": \"" + text + "\" (expected: a whole number, >= " + minimum + ")");
  }

  private ModelLoadException wrong(String expected) {
    String kind =
        switch (value) {
          case Value.Members m -> "an object";
          case Value.Items i -> "an array of other things than numbers";
          case Value.Numbers n -> "an array of numbers";
          case Value.Text t -> "a string";
          case Value.Single s -> "the number " + s.number();
          case Value.Null n -> "null";
        };
    return new ModelLoadException(
        (where.isEmpty() ? "file" : where) + ": " + kind + " (expected: " + expected + ")");
  }
}
