package io.salver.examples.eta;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How far answers are from what happened, in minutes.
 *
 * @param root the root of the mean squared error
 * @param absolute the mean absolute error
 */
record Errors(double root, double absolute) {

  /** The errors of {@code answer} on the deliveries. */
  static Errors of(List<Delivery> deliveries, ToDoubleFunction<Order> answer) {
    double squares = 0;
    double absolutes = 0;
    for (Delivery delivery : deliveries) {
      double error = answer.applyAsDouble(delivery.order()) - delivery.minutes();
      squares += error * error;
      absolutes += Math.abs(error);
    }
    int count = deliveries.size();
    return new Errors(Math.sqrt(squares / count), absolutes / count);
  }
}
