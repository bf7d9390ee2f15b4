package io.salver.lifecycle;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which models to unload to make room for others: the least recently used. Pure. */
final class EvictionPolicy {
  private EvictionPolicy() {}

  /**
   * A model that can be unloaded now.
   *
   * @param lastUsedNs when it was last used, in terms of the monotonic clock
   */
  record Resident(String model, long bytes, long lastUsedNs) {}

  /** The fewest of the least recently used ones whose unloading frees {@code bytes}. */
  static List<Resident> choose(List<Resident> residents, long bytes, long nowNs) {
    List<Resident> oldestFirst = new ArrayList<>(residents);
    oldestFirst.sort(Comparator.comparingLong((Resident r) -> nowNs - r.lastUsedNs).reversed());
    List<Resident> chosen = new ArrayList<>();
    long freed = 0;
    for (Resident resident : oldestFirst) {
      if (freed >= bytes) {
        break;
      }
      chosen.add(resident);
      freed += resident.bytes;
    }
    return chosen;
  }
}
