package io.salver.lifecycle;

/**
 * How often something was used of late: a count whose parts lose half of their weight every hour.
 * Confined to one thread, or guarded by its owner's lock.
 */
final class UseCount {
  private static final double HALF_LIFE_NS = 3_600e9;

  private double value;
  private long atNs;

  UseCount(long nowNs) {
    this.atNs = nowNs;
  }

  void add(double uses, long nowNs) {
    value = at(nowNs) + uses;
    atNs = nowNs;
  }

  /** The count as it is at a time. */
  double at(long nowNs) {
    return value * Math.pow(0.5, (nowNs - atNs) / HALF_LIFE_NS);
  }
}
