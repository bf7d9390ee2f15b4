package io.salver.lifecycle;

import io.salver.model.ModelLease;
import io.salver.predict.ServingException;

/**
 * Waits for a version that is not loaded yet. Of {@link #leased} and {@link #refused} one is
 * called, once, by a thread of the manager's, with a lock held: it must return at once and must not
 * call the manager.
 */
public interface LeaseWaiter {
  /** The version is there; the lease now belongs to the waiter. */
  void leased(ModelLease lease);

  /** The version will not be there. */
  void refused(ServingException reason);

  /** Whether nobody is interested any more. By any thread. */
  boolean isGone();
}
