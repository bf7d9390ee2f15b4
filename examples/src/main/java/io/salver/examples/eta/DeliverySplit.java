package io.salver.examples.eta;

import java.util.List;

/** Deliveries to fit to, to decide by when to stop, and to report errors on. */
record DeliverySplit(List<Delivery> training, List<Delivery> validation, List<Delivery> heldOut) {

  /** The deliveries that both versions of the model are made from. */
  static DeliverySplit of(City city) {
    return new DeliverySplit(
        city.deliveries(24_000), city.deliveries(6_000), city.deliveries(10_000));
  }
}
