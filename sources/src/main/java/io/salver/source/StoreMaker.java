package io.salver.source;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a store when it is first needed. To find out that it cannot be made may take long, as when
 * a region is looked for in a network that has none, so that holds for a while. Thread-safe;
 * blocks.
 */
final class StoreMaker implements AutoCloseable {
  private static final Duration FAILURE_HOLDS = Duration.ofMinutes(1);

  private final Maker maker;
  private final LongSupplier nanos;
  // Guarded by this.
  private @Nullable ModelStore store;
  private @Nullable StoreException failure;
  private long failedNs;

  /** How one is made. */
  interface Maker {
    ModelStore make() throws StoreException;
  }

  StoreMaker(Maker maker, LongSupplier nanos) {
    this.maker = maker;
    this.nanos = nanos;
  }

  /**
   * The store.
   *
   * @throws StoreException if it cannot be made, or could not a while ago
   */
  synchronized ModelStore get() throws StoreException {
    if (store != null) {
      return store;
    }
    if (failure != null && nanos.getAsLong() - failedNs < FAILURE_HOLDS.toNanos()) {
      throw new StoreException(String.valueOf(failure.getMessage()), failure);
    }
    try {
      store = maker.make();
      return store;
    } catch (StoreException e) {
      failure = e;
      failedNs = nanos.getAsLong();
      throw e;
    }
  }

  @Override
  public synchronized void close() {
    if (store != null) {
      store.close();
      store = null;
    }
  }
}
