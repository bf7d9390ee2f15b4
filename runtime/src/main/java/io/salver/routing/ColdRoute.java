package io.salver.routing;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.model.ModelLease;
import io.salver.predict.Caller;
import io.salver.predict.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * A request to an endpoint whose route leads to a model that is not in memory: waits for it, if it
 * is on demand, and goes by another route if it does not come.
 */
final class ColdRoute implements LeaseWaiter {
  private final ActiveEndpoint endpoint;
  private final Choice choice;
  private final int reading;
  private final @Nullable String joinKey;
  private final LeaseWaiter waiter;

  /**
   * A request that has chosen its route.
   *
   * @param reading the route by whose model it is read, which was not there
   * @param joinKey the caller's own name for the prediction
   * @param waiter told what comes of it
   */
  ColdRoute(
      ActiveEndpoint endpoint,
      Choice choice,
      int reading,
      @Nullable String joinKey,
      LeaseWaiter waiter) {
    this.endpoint = endpoint;
    this.choice = choice;
    this.reading = reading;
    this.joinKey = joinKey;
    this.waiter = waiter;
  }

  /**
   * A lease, or null if the waiter is told instead.
   *
   * @throws ServingException if no route leads anywhere
   */
  @Nullable ModelLease lease() {
    Route to = endpoint.routes().get(reading);
    ModelLease lease;
    try {
      lease = endpoint.parts().models().lease(to.model(), to.selector(), Caller.SILENT, this);
    } catch (ServingException absent) {
      return other(absent);
    }
    return lease == null ? null : of(lease);
  }

  private EndpointLease of(ModelLease lease) {
    EndpointLease found =
        new EndpointLease(endpoint, new SharedLease(lease), choice.arm(), choice.probability());
    found.setJoinKey(joinKey);
    return found;
  }

  /** Only the first route of a canary can read its requests. */
  private EndpointLease other(ServingException absent) {
    if (reading != choice.arm() || endpoint.spec().policy() instanceof Policy.Canary) {
      throw absent;
    }
    EndpointLease found = endpoint.firstThere(choice.arm(), choice.probability());
    found.setJoinKey(joinKey);
    return found;
  }

  @Override
  public void leased(ModelLease lease) {
    waiter.leased(of(lease));
  }

  @Override
  public void refused(ServingException reason) {
    EndpointLease other;
    try {
      other = other(reason);
    } catch (ServingException absent) {
      waiter.refused(reason);
      return;
    }
    waiter.leased(other);
  }

  @Override
  public boolean isGone() {
    return waiter.isGone();
  }
}
