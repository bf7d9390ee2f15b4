package io.salver.predict;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What an event loop does between two waits for its sockets. Requests that were decoded in one turn
 * can be run together at its end.
 *
 * <p>Confined to the loop's thread, but for {@link #execute}.
 */
public final class Turn {
  private static final Logger LOG = System.getLogger(Turn.class.getName());

  private final Executor loop;
  private final Runnable end = this::end;
  private final List<Object> owners = new ArrayList<>();
  private final List<Runnable> actions = new ArrayList<>();
  private boolean open;
  private long plannedNs;

  /**
   * The turns of a loop, one after the other.
   *
   * @param loop runs what it is given on the loop's thread, after the sockets that are ready now
   */
  public Turn(Executor loop) {
    this.loop = loop;
  }

  /**
   * Runs {@code task} on the loop, in a turn of its own choice. By any thread.
   *
   * @throws RejectedExecutionException if the loop is ending
   */
  public void execute(Runnable task) {
    loop.execute(task);
  }

  /** What {@code owner} has left to be run at the end of this turn; null if there is nothing. */
  public @Nullable Runnable waiting(Object owner) {
    for (int i = owners.size() - 1; i >= 0; i--) {
      if (owners.get(i) == owner) {
        return actions.get(i);
      }
    }
    return null;
  }

  /**
   * Runs {@code action} at the end of this turn, or now if the loop is ending.
   *
   * @param owner by which {@link #waiting} finds it until it is run
   */
  public void atEnd(Object owner, Runnable action) {
    if (begin()) {
      owners.add(owner);
      actions.add(action);
    } else {
      action.run();
    }
  }

  /**
   * Plans to spend {@code expectedNs} nanoseconds of this turn.
   *
   * @return false, and nothing is planned, if that and what was planned before is more than {@code
   *     limitNs}
   */
  public boolean plan(long expectedNs, long limitNs) {
    if (plannedNs > limitNs - expectedNs) {
      return false;
    }
    begin();
    plannedNs += expectedNs;
    return true;
  }

  private boolean begin() {
    if (!open) {
      try {
        loop.execute(end);
        open = true;
      } catch (RejectedExecutionException ending) {
        return false;
      }
    }
    return true;
  }

  private void end() {
    for (int i = 0; i < actions.size(); i++) {
      owners.set(i, this);
      run(actions.get(i));
    }
    owners.clear();
    actions.clear();
    plannedNs = 0;
    open = false;
  }

  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "The end of a turn failed", e);
    }
  }
}
