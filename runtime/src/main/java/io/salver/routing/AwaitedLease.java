package io.salver.routing;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.predict.Caller;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.predict.Turn;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has a request that was read already go on with one more version: at once if that is there, on the
 * request's loop once it has been loaded if it is on demand. What comes of it is told once: the
 * version, or why there is none. Thread-safe.
 *
 * <p>Only a request that a loop hands on waits: what the lifecycle says comes on a thread of its
 * own, which must not be held up.
 */
final class AwaitedLease implements LeaseWaiter {
  private final PredictRequest request;
  private final EndpointLease holder;
  private final Consumer<SharedLease> then;
  private final Consumer<ServingException> otherwise;
  private final AtomicBoolean over = new AtomicBoolean();
  private final Runnable cancel = this::cancel;

  /**
   * A wait that begins when the version is taken.
   *
   * @param holder of the request
   * @param then gets the version
   * @param otherwise gets the reason why there is none
   */
  AwaitedLease(
      PredictRequest request,
      EndpointLease holder,
      Consumer<SharedLease> then,
      Consumer<ServingException> otherwise) {
    this.request = request;
    this.holder = holder;
    this.then = then;
    this.otherwise = otherwise;
  }

  /** Takes the version that a route leads to, until {@link #cancel}. */
  void take(ServedModels models, Route route) {
    ModelLease lease;
    try {
      lease = lease(models, route);
    } catch (ServingException absent) {
      absent(absent);
      return;
    }
    if (lease != null) {
      go(lease);
    }
  }

  /**
   * The same until the request is cancelled, or its answer is unwanted, which nothing else waits
   * for now.
   */
  void takeUntilCancelled(ServedModels models, Route route) {
    if (request.awaitCancel(cancel) && holder.awaitUnwanted(cancel)) {
      take(models, route);
    } else {
      cancel();
    }
  }

  private @Nullable ModelLease lease(ServedModels models, Route route) {
    return request.turn() == null
        ? models.lease(route.model(), route.selector())
        : models.lease(route.model(), route.selector(), Caller.SILENT, this);
  }

  private boolean claim() {
    boolean first = over.compareAndSet(false, true);
    if (first) {
      boolean unused = request.endAwait(cancel);
      holder.endAwaitUnwanted(cancel);
    }
    return first;
  }

  private void go(ModelLease lease) {
    if (claim()) {
      then.accept(new SharedLease(lease));
    } else {
      lease.close();
    }
  }

  @Override
  public void leased(ModelLease lease) {
    Turn turn = request.turn();
    try {
      if (turn != null && !over.get()) {
        turn.execute(() -> go(lease));
        return;
      }
    } catch (RejectedExecutionException ending) {
      cancel();
    }
    lease.close();
  }

  @Override
  public void refused(ServingException reason) {
    Turn turn = request.turn();
    try {
      if (turn != null && !over.get()) {
        turn.execute(() -> absent(reason));
      }
    } catch (RejectedExecutionException ending) {
      absent(reason);
    }
  }

  private void absent(ServingException reason) {
    if (claim()) {
      otherwise.accept(reason);
    }
  }

  @Override
  public boolean isGone() {
    return over.get();
  }

  /** Ends the wait, if it has not ended: there is no version then. */
  void cancel() {
    absent(Legs.cancelled());
  }
}
