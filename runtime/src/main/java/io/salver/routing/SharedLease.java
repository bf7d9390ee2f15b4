package io.salver.routing;

import io.salver.model.ModelLease;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A lease that several hold; the last one closes it. Each holder closes its hold once. Thread-safe.
 */
final class SharedLease implements AutoCloseable {
  private final ModelLease lease;
  private final AtomicInteger holders = new AtomicInteger(1);

  /** Takes {@code lease} over. */
  SharedLease(ModelLease lease) {
    this.lease = lease;
  }

  ModelLease lease() {
    return lease;
  }

  /** One more hold; asked for by a holder. */
  SharedLease share() {
    holders.incrementAndGet();
    return this;
  }

  @Override
  public void close() {
    if (holders.decrementAndGet() == 0) {
      lease.close();
    }
  }
}
