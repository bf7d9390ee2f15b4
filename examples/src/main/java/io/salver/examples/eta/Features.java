package io.salver.examples.eta;

/** What the model computes from an order first: the hour becomes a point on a circle. */
final class Features {
  /** How many there are. */
  static final int COUNT = 6;

  /** Of a clock with 24 hours. */
  static final float RADIANS_PER_HOUR = (float) (2 * Math.PI / 24);

  private Features() {}

  /** The features of an order, in the arithmetic of the exported model. */
  static float[] of(Order order) {
    float angle = order.hourOfDay() * RADIANS_PER_HOUR;
    return new float[] {
      order.ordersAhead(),
      order.outstandingOrders(),
      order.courierLoad(),
      order.distanceKm(),
      (float) StrictMath.sin(angle),
      (float) StrictMath.cos(angle)
    };
  }
}
