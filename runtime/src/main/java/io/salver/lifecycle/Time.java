package io.salver.lifecycle;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** The two clocks: what the calendar says, and what only ever goes forward. */
record Time(InstantSource wall, LongSupplier nanos) {
  static final Time SYSTEM = new Time(InstantSource.system(), System::nanoTime);

  Instant now() {
    return wall.instant();
  }

  long nanoTime() {
    return nanos.getAsLong();
  }
}
