package io.salver.gate;

/**
 * An interval.
 *
 * @param lower its lower end
 * @param upper its upper end, at least as large
 */
record Bounds(double lower, double upper) {}
