package io.salver.server.access;

import io.salver.server.access.Refusal.Reason;
import io.salver.server.net.Peer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows down whoever shows credentials that are not accepted: each address has a token bucket for
 * them, kept as the time at which it will be full again, as in {@link Allowance}. While it is empty
 * the address is slowed. An IPv6 address counts with all of its network of 64 bits, which one
 * client may have to itself. A Unix socket is not slowed: whoever may use its file is trusted more
 * than an address.
 *
 * <p>Thread-safe. Bounded: of more than {@value #MAX_ADDRESSES} addresses, the one whose last
 * failure is the longest ago is forgotten.
 */
final class FailedAttempts {
  static final int MAX_ADDRESSES = 10_000;

  private static final System.Logger LOG = System.getLogger(FailedAttempts.class.getName());
  private static final long LOG_INTERVAL_NS = TimeUnit.MINUTES.toNanos(10);
  private static final int IPV6_GROUPS = 4;

  private final LongSupplier nanoTime;
  private final long startNs;
  private final long intervalNs;
  private final int burst;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Bucket> buckets = new Buckets();

  private static final class Buckets extends LinkedHashMap<String, Bucket> {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
      return size() > MAX_ADDRESSES;
    }
  }

  /** Times are nanoseconds after {@link #startNs}. Guarded by the lock. */
  private static final class Bucket {
    private long fullNs;
    private long loggedNs = Long.MIN_VALUE;
  }

  /**
   * Full buckets.
   *
   * @param nanoTime as {@link System#nanoTime()}
   */
  FailedAttempts(FailureLimits limits, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.startNs = nanoTime.getAsLong();
    this.burst = limits.burst();
    this.intervalNs = TimeUnit.MINUTES.toNanos(1) / limits.perMinute();
  }

  /** Why {@code peer} is slowed now; null if it is not. */
  @Nullable Refusal refusal(Peer peer) {
    if (!counts(peer)) {
      return null;
    }
    long waitNs;
    lock.lock();
    try {
      Bucket bucket = buckets.get(network(peer));
      waitNs = bucket == null ? 0 : waitNs(bucket, nanoTime.getAsLong() - startNs);
    } finally {
      lock.unlock();
    }
    return waitNs <= 0
        ? null
        : new Refusal(
            Reason.SLOWED,
            "credentials: too many from "
                + peer.address()
                + " were not accepted (expected: another try later)",
            Duration.ofNanos(waitNs));
  }

  /** Counts credentials that were not accepted. */
  void failed(Peer peer) {
    if (!counts(peer)) {
      return;
    }
    boolean says;
    lock.lock();
    try {
      long nowNs = nanoTime.getAsLong() - startNs;
      String network = network(peer);
      Bucket bucket = buckets.remove(network);
      if (bucket == null) {
        bucket = new Bucket();
      }
      // The last to fail is the last to be forgotten.
      buckets.put(network, bucket);
      // What fails while nothing is left, having been let in before, makes the wait no longer.
      bucket.fullNs =
          Math.min(Math.max(bucket.fullNs, nowNs) + intervalNs, nowNs + burst * intervalNs);
      says =
          waitNs(bucket, nowNs) > 0
              && (bucket.loggedNs == Long.MIN_VALUE || nowNs - bucket.loggedNs >= LOG_INTERVAL_NS);
      if (says) {
        bucket.loggedNs = nowNs;
      }
    } finally {
      lock.unlock();
    }
    if (says) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Credentials from {0} were not accepted {1} times or more: further ones are slowed",
          peer.address(),
          burst);
    }
  }

  private boolean counts(Peer peer) {
    return burst > 0 && peer.kind() != Peer.Kind.UNIX_SOCKET;
  }

  private long waitNs(Bucket bucket, long nowNs) {
    return Math.max(bucket.fullNs, nowNs) + intervalNs - nowNs - burst * intervalNs;
  }

  private static String network(Peer peer) {
    String address = peer.address();
    int end = -1;
    for (int group = 0; group < IPV6_GROUPS; group++) {
      end = address.indexOf(':', end + 1);
      if (end < 0) {
        return address;
      }
    }
    return address.substring(0, end);
  }
}
