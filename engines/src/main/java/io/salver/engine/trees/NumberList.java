package io.salver.engine.trees;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Gathers the elements of an array, without objects as long as they are numbers. */
final class NumberList {
  private static final int FIRST_CAPACITY = 8;

  private double[] numbers = new double[FIRST_CAPACITY];
  private int count;
  private final List<Value> others = new ArrayList<>();

  /** Appends an element. */
  void add(Value element) {
    if (!others.isEmpty()) {
      others.add(element);
    } else if (element instanceof Value.Single(double number)) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      numbers[count++] = number;
    } else {
      for (int i = 0; i < count; i++) {
        others.add(new Value.Single(numbers[i]));
      }
      others.add(element);
    }
  }

  /** The array of what was appended. */
  Value toValue() {
    return others.isEmpty()
        ? new Value.Numbers(Arrays.copyOf(numbers, count))
        : new Value.Items(others);
  }
}
