package io.salver.server.access;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is left of somebody's {@link Limits}. Thread-safe, without locks; forgotten when the process
 * ends.
 *
 * <p>The rate is a token bucket, kept as the one number that the generic cell rate algorithm (ITU-T
 * I.371) needs: the time at which the bucket will be full again.
 */
public final class Allowance {
  /** That of somebody without limits. */
  public static final Allowance UNLIMITED =
      new Allowance("", Limits.NONE, System::nanoTime, InstantSource.system());

  private static final int COUNT_BITS = 40;

  private final String who;
  private final Limits limits;
  private final LongSupplier nanoTime;
  private final InstantSource clock;
  private final long startNs;
  private final long intervalNs;
  private final long burstNs;

  /** When the bucket will be full, in nanoseconds after {@link #startNs}. */
  private final AtomicLong fullNs = new AtomicLong();

  /** The day since 1970, and in the lower bits how many requests it had. */
  private final AtomicLong today = new AtomicLong();

  /**
   * A full allowance.
   *
   * @param who for messages
   * @param nanoTime as {@link System#nanoTime()}
   * @param clock says when a day of UTC is over
   */
  public Allowance(String who, Limits limits, LongSupplier nanoTime, InstantSource clock) {
    this.who = who;
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.clock = clock;
    this.startNs = nanoTime.getAsLong();
    this.intervalNs = limits.perSecond() == 0 ? 0 : (long) (1e9 / limits.perSecond());
    this.burstNs = intervalNs * limits.burst();
  }

  /** Takes what one request costs; null, or why it is not to be had. */
  @Nullable Refusal take() {
    Refusal tooFast = intervalNs == 0 ? null : takeOfRate();
    return tooFast != null || limits.perDay() == 0 ? tooFast : takeOfDay();
  }

  private @Nullable Refusal takeOfRate() {
    long nowNs = nanoTime.getAsLong() - startNs;
    while (true) {
      long full = fullNs.get();
      long next = Math.max(full, nowNs) + intervalNs;
      long waitNs = next - nowNs - burstNs;
      if (waitNs > 0) {
        return tooFast(Duration.ofNanos(waitNs));
      }
      if (fullNs.compareAndSet(full, next)) {
        return null;
      }
    }
  }

  private @Nullable Refusal takeOfDay() {
    Instant now = clock.instant();
    long day = Math.floorDiv(now.getEpochSecond(), Duration.ofDays(1).toSeconds());
    while (true) {
      long known = today.get();
      long count = known >> COUNT_BITS == day ? known & Limits.MAX_PER_DAY : 0;
      if (count >= limits.perDay()) {
        return usedUp(now, day);
      }
      if (today.compareAndSet(known, day << COUNT_BITS | count + 1)) {
        return null;
      }
    }
  }

  private Refusal tooFast(Duration wait) {
    return Refusal.limited(
        String.format(
            Locale.ROOT,
            "requests of %s: more than %s per second after a burst of %d (expected: the next one in %d ms)",
            who,
            number(limits.perSecond()),
            limits.burst(),
            wait.plusNanos(999_999).toMillis()),
        wait);
  }

  private Refusal usedUp(Instant now, long day) {
    Instant midnight = LocalDate.ofEpochDay(day + 1).atStartOfDay(ZoneOffset.UTC).toInstant();
    return Refusal.limited(
        "requests of "
            + who
            + ": "
            + limits.perDay()
            + " of "
            + limits.perDay()
            + " today (expected: the next one from "
            + midnight
            + " on)",
        Duration.between(now, midnight));
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
