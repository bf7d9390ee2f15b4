package io.salver.examples.eta;

/**
 * An order and what became of it.
 *
 * @param minutes from the order to the door
 */
record Delivery(Order order, double minutes) {}
