package io.salver.examples.eta;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CityTest {
  private static final long SEED = 42;

  private final City city = new City(SEED);

  private double mean(Order order) {
    return city.meanMinutes(order, 5000);
  }

  @Test
  void sameSeedMakesTheSameDeliveries() {
    List<Delivery> deliveries = city.deliveries(100);
    assertThat(new City(SEED).deliveries(100)).isEqualTo(deliveries);
    assertThat(new City(SEED + 1).deliveries(100)).isNotEqualTo(deliveries);
  }

  @Test
  void everyOrderIsWithinTheDocumentedRanges() {
    for (Delivery delivery : city.deliveries(20_000)) {
      Order order = delivery.order();
      String what = "seed " + SEED + ": " + delivery;
      assertThat(order.ordersAhead()).as(what).isNotNegative();
      assertThat(order.outstandingOrders()).as(what).isNotNegative();
      assertThat(order.courierLoad()).as(what).isNotNegative();
      assertThat(order.distanceKm()).as(what).isBetween(0.3f, 12f);
      assertThat(order.hourOfDay()).as(what).isBetween(0f, 23.99f);
      assertThat(delivery.minutes()).as(what).isPositive();
    }
  }

  @Test
  void everyBurdenMakesTheWaitLonger() {
    double quiet = mean(new Order(1, 10, 0.5f, 2, 15));
    assertThat(mean(new Order(5, 10, 0.5f, 2, 15))).as("longer queue").isGreaterThan(quiet);
    assertThat(mean(new Order(1, 40, 0.5f, 2, 15))).as("slower kitchen").isGreaterThan(quiet);
    assertThat(mean(new Order(1, 10, 1.5f, 2, 15))).as("busier couriers").isGreaterThan(quiet);
    assertThat(mean(new Order(1, 10, 0.5f, 6, 15))).as("longer way").isGreaterThan(quiet);
    assertThat(mean(new Order(1, 10, 0.5f, 2, 17.75f))).as("full streets").isGreaterThan(quiet);
  }

  @Test
  void timesHaveALongRightTail() {
    double[] sorted =
        city.deliveries(20_000).stream().mapToDouble(Delivery::minutes).sorted().toArray();
    double median = sorted[10_000];
    assertThat(sorted[19_900] - median).isGreaterThan(2 * (median - sorted[100]));
  }
}
