package io.salver.examples.eta;

import io.salver.examples.training.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes up deliveries as a city with two rushes a day would have them.
 *
 * <p>Orders come at lunch and dinner. The kitchen cooks what is ahead, then the order, the slower
 * the more is outstanding; meanwhile a courier must come free, which takes the longer the more
 * orders each has; the food leaves when both are there. The way takes longer when the streets are
 * full. Some deliveries go wrong, which gives the times their long right tail.
 */
final class City {
  private static final double INCIDENT_RATE = 0.03;

  private final SeededRandom random;

  City(long seed) {
    random = new SeededRandom(seed);
  }

  /** The next {@code count} deliveries. */
  List<Delivery> deliveries(int count) {
    List<Delivery> deliveries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Order order = order();
      deliveries.add(new Delivery(order, minutes(order)));
    }
    return deliveries;
  }

  /** The mean over {@code draws} deliveries of the same order: what no model can do better than. */
  double meanMinutes(Order order, int draws) {
    double sum = 0;
    for (int i = 0; i < draws; i++) {
      sum += minutes(order);
    }
    return sum / draws;
  }

  /**
   * How often {@code draws} deliveries of the same order take longer than {@code minutes}, by
   * Laplace's rule: as if there had been one more of either kind.
   */
  double shareAbove(Order order, double minutes, int draws) {
    int above = 0;
    for (int i = 0; i < draws; i++) {
      above += minutes(order) > minutes ? 1 : 0;
    }
    return (above + 1.0) / (draws + 2);
  }

  private Order order() {
    double hour = hour();
    double rush = peak(hour, 12.5, 1.5) + 1.3 * peak(hour, 19, 1.8);
    int outstanding = random.poisson(4 + 16 * rush);
    int couriers = 3 + random.poisson(8 + 10 * rush);
    int ahead = random.poisson(0.5 + 3 * rush);
    double distance = 0.3 + random.erlang(2, 2.4);
    return new Order(
        ahead,
        outstanding,
        rounded((double) outstanding / couriers),
        rounded(Math.min(distance, 12)),
        rounded(hour));
  }

  private double hour() {
    double kind = random.uniform();
    if (kind < 0.3) {
      return withinDay(12.5 + 1.3 * random.gaussian());
    }
    if (kind < 0.7) {
      return withinDay(19 + 1.6 * random.gaussian());
    }
    return random.uniform() * 23.99;
  }

  private double minutes(Order order) {
    double kitchen = kitchenMinutes(order);
    double courier = courierMinutes(order.courierLoad());
    double ready = Math.max(kitchen, courier);
    double incident = random.uniform() < INCIDENT_RATE ? random.exponential(20) : 0;
    return ready + travelMinutes(order) + incident;
  }

  private double kitchenMinutes(Order order) {
    double slowdown = 1 + 0.02 * Math.max(0, order.outstandingOrders() - 15);
    double queue = 0;
    for (int i = 0; i < order.ordersAhead(); i++) {
      queue += random.erlang(3, 2.4);
    }
    return slowdown * (queue + 5 + random.erlang(4, 5));
  }

  /** The wait grows like that of a queue: with the square of the load and more when it is full. */
  private double courierMinutes(double load) {
    return 1 + random.erlang(2, 2 + 9 * load * load);
  }

  private double travelMinutes(Order order) {
    double traffic = peak(order.hourOfDay(), 8.5, 1.2) + 1.2 * peak(order.hourOfDay(), 17.75, 1.6);
    double kmPerHour = 19 / (1 + 0.6 * traffic);
    double noise = StrictMath.exp(0.15 * random.gaussian());
    return 2 + 60 * order.distanceKm() / kmPerHour * noise;
  }

  /** 1 at the centre, falling like a bell; all in hours. */
  private static double peak(double hour, double centre, double width) {
    double distance = (hour - centre) / width;
    return StrictMath.exp(-distance * distance / 2);
  }

  private static double withinDay(double hour) {
    return Math.clamp(hour, 0, 23.99);
  }

  /** To two decimals, as a client would send it. */
  private static float rounded(double value) {
    return Math.round(100 * value) / 100f;
  }
}
