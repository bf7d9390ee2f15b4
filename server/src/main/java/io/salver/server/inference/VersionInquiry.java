package io.salver.server.inference;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.model.ModelLease;
import io.salver.predict.ServingException;
import io.salver.server.net.LoopContext;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Answers a request with what a version says of itself; waits until it has been loaded if it is on
 * demand. Begins and ends on the loop that owns the connection.
 */
public final class VersionInquiry implements LeaseWaiter {
  /** What is asked. Called on the loop. */
  public interface Call {
    /**
     * Holds the version.
     *
     * @return null if {@code waiter} is told instead when it has been loaded
     * @throws ServingException if there is none
     */
    @Nullable ModelLease lease(LeaseWaiter waiter);

    /**
     * Answers. Sending is the last thing that it does, so that {@link #fail} may be called if this
     * throws.
     */
    void answer(ModelLease lease);

    /** Answers with a failure. */
    void fail(ServingException failure);
  }

  private final Call call;
  private final LoopContext loop;
  private volatile boolean gone;

  /** An inquiry that has not begun. */
  public VersionInquiry(Call call, LoopContext loop) {
    this.call = call;
    this.loop = loop;
  }

  /**
   * Answers now or later; never throws.
   *
   * @return whether it has answered
   */
  public boolean start() {
    ModelLease lease;
    try {
      lease = call.lease(this);
    } catch (RuntimeException | Error e) {
      call.fail(Failures.of(e));
      return true;
    }
    if (lease == null) {
      return false;
    }
    answer(lease);
    return true;
  }

  /** Nobody waits for the answer any more. */
  public void abandon() {
    gone = true;
  }

  private void answer(ModelLease held) {
    try (ModelLease lease = held) {
      call.answer(lease);
    } catch (RuntimeException | Error e) {
      call.fail(Failures.of(e));
    }
  }

  @Override
  public void leased(ModelLease lease) {
    try {
      loop.execute(() -> {
        if (gone) {
          lease.close();
        } else {
          answer(lease);
        }
      });
    } catch (RejectedExecutionException ended) {
      lease.close();
    }
  }

  @Override
  public void refused(ServingException reason) {
    try {
      loop.execute(() -> {
        if (!gone) {
          call.fail(reason);
        }
      });
    } catch (RejectedExecutionException ended) {
      // With the loop the connection has gone.
    }
  }

  @Override
  public boolean isGone() {
    return gone;
  }
}
