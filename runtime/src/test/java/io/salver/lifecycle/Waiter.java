package io.salver.lifecycle;

import io.salver.model.ModelLease;
import io.salver.predict.ServingException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keeps what it is told, and fails the test if that is more than one thing. */
final class Waiter implements LeaseWaiter {
  private @Nullable ModelLease lease;
  private @Nullable ServingException reason;
  boolean gone;

  @Override
  public synchronized void leased(ModelLease given) {
    requireNothing();
    lease = given;
  }

  @Override
  public synchronized void refused(ServingException why) {
    requireNothing();
    reason = why;
  }

  private void requireNothing() {
    if (lease != null || reason != null) {
      throw new AssertionError("told twice");
    }
  }

  @Override
  public boolean isGone() {
    return gone;
  }

  synchronized boolean waits() {
    return lease == null && reason == null;
  }

  synchronized boolean isLeased() {
    return lease != null;
  }

  synchronized ModelLease lease() {
    return Objects.requireNonNull(lease, () -> "no lease: " + reason);
  }

  synchronized ServingException reason() {
    return Objects.requireNonNull(reason, "not refused");
  }
}
