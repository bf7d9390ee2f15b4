package io.salver.batching;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Turn;
import io.salver.tensor.TensorArena;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests to one version that one turn of an event loop has decoded, and that are run by the
 * loop at its end. Confined to the loop's thread.
 */
final class TurnBatch implements Runnable {
  private static final int MAX_LANES = 8;

  private final GroupRunner runner;
  private final Lanes lanes;
  private final long inlineBoundNs;
  private final Group[] groups = new Group[MAX_LANES];
  private int count;

  TurnBatch(GroupRunner runner, Lanes lanes, long inlineBoundNs) {
    this.runner = runner;
    this.lanes = lanes;
    this.inlineBoundNs = inlineBoundNs;
  }

  /**
   * Adds a request, if there is time for it in this turn.
   *
   * @param limitNs what the turn may plan for
   * @return false if there is none
   */
  boolean add(PredictRequest request, Reply reply, long inputBytes, Turn turn, long limitNs) {
    int at = find(request);
    long wholeNs = runner.runTime().expectNs(inputBytes);
    if (at < count) {
      Group group = groups[at];
      long beforeNs = runner.runTime().expectNs(group.inputBytes());
      long withNs = runner.runTime().expectNs(group.inputBytes() + inputBytes);
      if (withNs <= inlineBoundNs && group.rows() + request.rows() <= runner.maxRows()) {
        if (!turn.plan(Math.max(0, withNs - beforeNs), limitNs)) {
          return false;
        }
        group.add(request, reply, inputBytes);
        return true;
      }
    }
    if (!turn.plan(wholeNs, limitNs)) {
      return false;
    }
    Group full = begin(at, request, reply, inputBytes);
    if (full != null) {
      run(full);
    }
    return true;
  }

  /** Where requests like this one are, or would be; the first place if there are none left. */
  private int find(PredictRequest request) {
    for (int i = 0; i < count; i++) {
      if (lanes.match(groups[i].request(0), request)) {
        return i;
      }
    }
    return count == MAX_LANES ? 0 : count;
  }

  /** Begins a group; the one that was in its place. */
  private @Nullable Group begin(int at, PredictRequest request, Reply reply, long inputBytes) {
    Group full = at < count ? groups[at] : null;
    Group group = new Group();
    group.add(request, reply, inputBytes);
    groups[at] = group;
    count = Math.max(count, at + 1);
    return full;
  }

  @Override
  public void run() {
    for (int i = 0; i < count; i++) {
      run(groups[i]);
    }
  }

  private void run(Group group) {
    long nowNs = System.nanoTime();
    Group alive = isAlive(group, nowNs) ? group : alive(group, nowNs);
    alive.start(nowNs);
    Supplier<TensorArena> arenas = group.request(0).arena()::sibling;
    runner.run(alive, arenas);
  }

  private static boolean isAlive(Group group, long nowNs) {
    for (int i = 0; i < group.size(); i++) {
      if (group.request(i).isCancelled() || isLate(group.request(i), nowNs)) {
        return false;
      }
    }
    return true;
  }

  private Group alive(Group group, long nowNs) {
    Group alive = new Group();
    for (int i = 0; i < group.size(); i++) {
      PredictRequest request = group.request(i);
      if (request.isCancelled()) {
        runner.statistics().dropped(RunStatistics.Drop.CANCELLED);
        group.reply(i).failed(request, Instances.cancelledBeforeRun());
      } else if (isLate(request, nowNs)) {
        runner.statistics().dropped(RunStatistics.Drop.DEADLINE);
        group
            .reply(i)
            .failed(
                request,
                new ServingException(
                    Category.DEADLINE_EXCEEDED, "deadline: passed before it was run"));
      } else {
        alive.add(request, group.reply(i), InputBytes.of(request));
      }
    }
    return alive;
  }

  private static boolean isLate(PredictRequest request, long nowNs) {
    return request.deadlineNs() != Long.MAX_VALUE && request.deadlineNs() - nowNs <= 0;
  }
}
