package io.salver.examples.eta;

import java.util.List;

/**
 * What is known of an order when the customer asks how long it will take.
 *
 * @param ordersAhead orders before it in the restaurant's queue
 * @param outstandingOrders orders not yet delivered in the whole area
 * @param courierLoad outstanding orders per courier on duty
 * @param distanceKm from the restaurant to the customer, in kilometres
 * @param hourOfDay local time, in hours since midnight, from 0 to below 24
 */
public record Order(
    float ordersAhead,
    float outstandingOrders,
    float courierLoad,
    float distanceKm,
    float hourOfDay) {

  /** The names of the model's inputs, in the order of the components. */
  public static final List<String> NAMES =
      List.of("orders_ahead", "outstanding_orders", "courier_load", "distance_km", "hour_of_day");

  /** The model's inputs, in the order of {@link #NAMES}. */
  public List<Float> values() {
    return List.of(ordersAhead, outstandingOrders, courierLoad, distanceKm, hourOfDay);
  }

  /** The same order, asked about when nobody knows how busy the couriers are. */
  Order withUnknownLoad() {
    return new Order(ordersAhead, outstandingOrders, Float.NaN, distanceKm, hourOfDay);
  }
}
