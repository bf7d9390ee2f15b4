package io.salver.server.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Fails where reading an input takes far more heap than the input's size explains. */
public final class AllocationBound {
  private static final long FIXED_BYTES = 8L << 20;
  private static final long BYTES_PER_INPUT_BYTE = 1 << 10;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private AllocationBound() {}

  /**
   * Runs {@code reading}, which reads an input of {@code inputBytes}, on this thread; once more if
   * it took too much, as the first run may have loaded classes.
   */
  public static void check(int inputBytes, Runnable reading) {
    long limit = FIXED_BYTES + BYTES_PER_INPUT_BYTE * inputBytes;
    if (allocated(reading) > limit) {
      long allocated = allocated(reading);
      if (allocated > limit) {
        throw new AssertionError(
            "allocated: "
                + allocated
                + " bytes for an input of "
                + inputBytes
                + " bytes (expected: at most "
                + limit
                + ")");
      }
    }
  }

  private static long allocated(Runnable reading) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    reading.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
