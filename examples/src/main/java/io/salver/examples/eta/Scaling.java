package io.salver.examples.eta;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** The mean and the standard deviation of a quantity in the training data. */
record Scaling(float mean, float deviation) {

  /** Of {@code count} values. */
  static Scaling of(int count, IntToDoubleFunction value) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += value.applyAsDouble(i);
    }
    double mean = sum / count;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      double difference = value.applyAsDouble(i) - mean;
      squares += difference * difference;
    }
    return new Scaling((float) mean, (float) Math.sqrt(squares / count));
  }

  /** Of each feature of the deliveries. */
  static List<Scaling> ofFeatures(List<Delivery> deliveries) {
    float[][] rows = deliveries.stream().map(d -> Features.of(d.order())).toArray(float[][]::new);
    Scaling[] scalings = new Scaling[Features.COUNT];
    Arrays.setAll(scalings, column -> of(rows.length, row -> rows[row][column]));
    return List.of(scalings);
  }

  /** The value in deviations from the mean. */
  float apply(float value) {
    return (value - mean) / deviation;
  }
}
