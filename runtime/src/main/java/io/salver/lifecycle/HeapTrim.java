package io.salver.lifecycle;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Has the Java heap collected when unloaded models have left a lot of garbage in it: the old
 * generation of a serial collector grows to its limit before it is collected, and what it has grown
 * to counts as memory of the process. Thread-safe.
 */
final class HeapTrim {
  /** Garbage, or growth, that is not worth a collection. */
  private static final long TOLERATED_BYTES = 48L << 20;

  private final ReentrantLock collecting = new ReentrantLock();
  private long keptBytes = usedBytes();

  private static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** A version was unloaded. Stops all threads for some tens of milliseconds if it collects. */
  void run() {
    if (!collecting.tryLock()) {
      return;
    }
    try {
      if (usedBytes() - keptBytes > TOLERATED_BYTES) {
        System.gc();
        keptBytes = usedBytes();
      }
    } finally {
      collecting.unlock();
    }
  }
}
