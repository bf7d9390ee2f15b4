package io.salver.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** Both clocks, standing still until told otherwise. Thread-safe. */
public final class FakeClock implements InstantSource {
  private static final Instant START = Instant.parse("2100-01-01T00:00:00Z");

  private final AtomicLong nowNs = new AtomicLong(1_000_000_000);
  private volatile Instant start = START;

  /** What {@link System#nanoTime()} would say. */
  public long nanoTime() {
    return nowNs.get();
  }

  /** The time by the calendar, which begins in a far future: every real file is old. */
  @Override
  public Instant instant() {
    return start.plusNanos(nowNs.get());
  }

  /** Sets the calendar alone. */
  public void setWall(Instant now) {
    start = now.minusNanos(nowNs.get());
  }

  /** Lets time pass. */
  public void advance(Duration time) {
    nowNs.addAndGet(time.toNanos());
  }
}
