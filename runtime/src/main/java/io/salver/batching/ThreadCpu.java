package io.salver.batching;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.jspecify.annotations.Nullable;

/**
 * The CPU time of the calling thread, user and system.
 *
 * <p>Unknown until {@link #enable}: the virtual machine's management beans take tens of
 * milliseconds to start, which neither the start of the server nor an event loop is to wait for.
 * Thread-safe.
 */
public final class ThreadCpu {
  /** Said where it is not known. */
  static final long UNKNOWN = -1;

  private static volatile @Nullable ThreadMXBean threads;

  private ThreadCpu() {}

  /** Has it known from now on, if the system tells it. Takes its time; again does no harm. */
  public static void enable() {
    ThreadMXBean bean = ManagementFactory.getThreadMXBean();
    if (bean.isCurrentThreadCpuTimeSupported() && bean.isThreadCpuTimeEnabled()) {
      threads = bean;
    }
  }

  /** Nanoseconds, or {@link #UNKNOWN}. Takes half a microsecond: it is a system call. */
  static long nowNs() {
    ThreadMXBean bean = threads;
    return bean == null ? UNKNOWN : bean.getCurrentThreadCpuTime();
  }
}
