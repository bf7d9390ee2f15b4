package io.salver.batching;

import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request that waits to be run. Its queue's lock guards what can change. */
final class Queued {
  private final PredictRequest request;
  private final Reply reply;
  private final long inputBytes;
  private final long queuedNs;
  private final long expiresNs;
  private final Runnable onCancel;
  private RequestQueue.@Nullable Lane lane;

  /**
   * A request.
   *
   * @param queuedNs when it began to wait, as {@link System#nanoTime()}
   * @param timeoutNs how long it waits at most; {@link Long#MAX_VALUE} for no limit
   * @param cancelled takes it from its queue and answers it
   */
  Queued(
      PredictRequest request,
      Reply reply,
      long inputBytes,
      long queuedNs,
      long timeoutNs,
      Consumer<Queued> cancelled) {
    this.request = request;
    this.reply = reply;
    this.inputBytes = inputBytes;
    this.queuedNs = queuedNs;
    this.expiresNs = timeoutNs == Long.MAX_VALUE ? Long.MAX_VALUE : queuedNs + timeoutNs;
    this.onCancel = () -> cancelled.accept(this);
  }

  PredictRequest request() {
    return request;
  }

  Reply reply() {
    return reply;
  }

  long inputBytes() {
    return inputBytes;
  }

  long queuedNs() {
    return queuedNs;
  }

  /** Lets cancellation take it from its queue; false if it is cancelled already. */
  boolean awaitCancel() {
    return request.awaitCancel(onCancel);
  }

  /** Keeps it from being cancelled from now on; false if cancellation has it. */
  boolean endAwait() {
    return request.endAwait(onCancel);
  }

  /** Whether its time to wait is over, which is not its deadline. */
  boolean isTimedOut(long nowNs) {
    return expiresNs != Long.MAX_VALUE && nowNs - expiresNs >= 0;
  }

  /** Whether an answer is of no use any more. */
  boolean isLate(long nowNs) {
    return request.deadlineNs() != Long.MAX_VALUE && nowNs - request.deadlineNs() >= 0;
  }

  /** The lane that it waits in; null if it runs alone. */
  RequestQueue.@Nullable Lane lane() {
    return lane;
  }

  void enter(RequestQueue.@Nullable Lane lane) {
    this.lane = lane;
  }
}
