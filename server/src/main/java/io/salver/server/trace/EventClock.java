package io.salver.server.trace;

import java.time.Instant;

/** Says what time it was. */
@FunctionalInterface
public interface EventClock {
  /** The system's, which may have been set since. */
  EventClock SYSTEM = ns -> Instant.now().minusNanos(System.nanoTime() - ns);

  /** The time of a value of {@link System#nanoTime()}. */
  Instant at(long nanoTime);
}
