package io.salver.lifecycle;

import io.salver.batching.RunStatistics;
import io.salver.cache.CacheStatistics;
import io.salver.engine.LoadedModel;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.Predictor;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A version in memory, with the count of those who use it.
 *
 * <p>The count is one atomic integer: the number of leases, plus {@link #RETIRED} once the version
 * is retired, plus {@link #CLOSED} instead when the last lease is gone. Taking a lease is an
 * unconditional increment, taken back when it turns out that the version was retired. Such a failed
 * attempt can lift the count off {@code RETIRED} and bring it back there, so that "the last one has
 * gone" is seen more than once; the one who moves the count from exactly {@code RETIRED} to {@code
 * CLOSED} tells, and there it stays out of reach.
 */
final class ServedVersion {
  private static final int RETIRED = Integer.MIN_VALUE;
  private static final int CLOSED = Integer.MIN_VALUE / 2;

  private final ModelVersion version;
  private final String engine;
  private final LoadedModel model;
  private final VersionRunner runner;
  private final AtomicInteger users = new AtomicInteger();
  private volatile @Nullable Runnable onUnused;

  ServedVersion(ModelVersion version, String engine, LoadedModel model, VersionRunner runner) {
    this.version = version;
    this.engine = engine;
    this.model = model;
    this.runner = runner;
  }

  ModelVersion version() {
    return version;
  }

  /** The name of the engine that loaded it. */
  String engine() {
    return engine;
  }

  LoadedModel model() {
    return model;
  }

  RunStatistics statistics() {
    return runner.statistics();
  }

  Optional<CacheStatistics> cacheStatistics() {
    return runner.cacheStatistics();
  }

  /** How many requests it has answered, about, from its cache or by runs. */
  long uses() {
    long cached = cacheStatistics().map(cache -> cache.hits() + cache.coalesced()).orElse(0L);
    return runner.statistics().requests() + cached;
  }

  void warmed() {
    runner.warmed();
  }

  /** A lease, or null if the version was retired. */
  @Nullable ModelLease tryLease() {
    if (users.getAndIncrement() >= 0) {
      return new Held(this);
    }
    release();
    return null;
  }

  private void release() {
    if (users.decrementAndGet() == RETIRED) {
      closeIfUnused();
    }
  }

  private void closeIfUnused() {
    if (users.compareAndSet(RETIRED, CLOSED)) {
      Runnable action = onUnused;
      if (action != null) {
        action.run();
      }
    }
  }

  /**
   * Lets nobody take another lease. Called once.
   *
   * @param action run once, when the last lease is gone, by whoever let it go; perhaps before this
   *     returns
   */
  void retire(Runnable action) {
    onUnused = action;
    users.getAndAdd(RETIRED);
    closeIfUnused();
  }

  /** How many leases there are. */
  int leases() {
    int count = users.get();
    return count >= 0 ? count : Math.max(0, count - (count < CLOSED ? RETIRED : CLOSED));
  }

  /** Gives up runner, then model; nobody holds a lease. */
  void close() {
    try {
      runner.close();
    } finally {
      model.close();
    }
  }

  /** One user's hold. */
  private static final class Held implements ModelLease {
    private final ServedVersion served;
    private boolean closed;

    Held(ServedVersion served) {
      this.served = served;
    }

    @Override
    public ModelVersion version() {
      return served.version;
    }

    @Override
    public LoadedModel model() {
      return served.model;
    }

    @Override
    public Predictor predictor() {
      return served.runner;
    }

    @Override
    public void close() {
      if (closed) {
        throw new IllegalStateException("lease of " + served.version + " closed twice");
      }
      closed = true;
      served.release();
    }
  }
}
