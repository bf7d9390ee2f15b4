package io.salver.predict;

import io.salver.engine.Batch;
import io.salver.model.ModelLease;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One decoded request on its way through the spine.
 *
 * <p>Used by one thread at a time; stages hand it on. The front end that made it owns it: when the
 * reply has come and the answer is encoded it closes {@link #arena()} and {@link #lease()}.
 *
 * <p>Only cancellation crosses threads: {@link #cancel}, {@link #awaitCancel} and {@link #endAwait}
 * may race, and exactly one of the first and the last wins.
 */
public final class PredictRequest {
  private static final Runnable CANCELLED = () -> {};
  private static final VarHandle ON_CANCEL;

  static {
    try {
      ON_CANCEL =
          MethodHandles.lookup().findVarHandle(PredictRequest.class, "onCancel", Runnable.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ModelLease lease;
  private final Signature signature;
  private final @Nullable Tensor[] inputs;
  private final boolean @Nullable [] wanted;
  private final TensorArena arena;
  private final long deadlineNs;
  private final long receivedNs;
  private final int priority;
  private final long queueTimeoutNs;
  // One for each stage: an array of its own would cost more than they do.
  private long decodedNs;
  private long dequeuedNs;
  private long batchedNs;
  private long ranNs;
  private long encodedNs;
  private @Nullable Batch run;
  private @Nullable Tensor @Nullable [] outputs;
  private @Nullable Turn turn;

  /** What waits for cancellation; null if nothing does, {@link #CANCELLED} once it has come. */
  @SuppressWarnings("unused") // by ON_CANCEL
  private volatile @Nullable Runnable onCancel;

  /** A request of the default priority, which waits as long as its model lets requests wait. */
  public PredictRequest(
      ModelLease lease,
      Signature signature,
      @Nullable Tensor[] inputs,
      boolean @Nullable [] wanted,
      TensorArena arena,
      long receivedNs,
      long deadlineNs) {
    this(lease, signature, inputs, wanted, arena, receivedNs, deadlineNs, 0, 0);
  }

  /**
   * A request.
   *
   * @param inputs one for each input of {@code signature}, in its order; null where an optional one
   *     is left out
   * @param wanted one for each output of {@code signature}; null if all are wanted
   * @param receivedNs when its last byte was read, as {@link System#nanoTime()}
   * @param deadlineNs when its answer is of no use any more; {@link Long#MAX_VALUE} for never
   * @param priority 1 is run first, then 2 and so on; 0 for the model's default
   * @param queueTimeoutNs how long it may wait to be run; 0 for as long as the model lets it
   * @throws ServingException INVALID_ARGUMENT if priority or queue timeout are negative
   */
  public PredictRequest(
      ModelLease lease,
      Signature signature,
      @Nullable Tensor[] inputs,
      boolean @Nullable [] wanted,
      TensorArena arena,
      long receivedNs,
      long deadlineNs,
      int priority,
      long queueTimeoutNs) {
    if (priority < 0 || queueTimeoutNs < 0) {
      throw ServingException.invalid(
          "priority: "
              + priority
              + ", queue timeout: "
              + queueTimeoutNs
              + " ns (expected: >= 0 each)");
    }
    this.priority = priority;
    this.queueTimeoutNs = queueTimeoutNs;
    this.lease = lease;
    this.signature = signature;
    this.inputs = inputs;
    this.wanted = wanted;
    this.arena = arena;
    this.receivedNs = receivedNs;
    this.deadlineNs = deadlineNs;
  }

  /** The version that answers, held until the front end lets it go. */
  public ModelLease lease() {
    return lease;
  }

  /** How the model is called. */
  public Signature signature() {
    return signature;
  }

  /** The inputs in the signature's order; not to be changed. */
  public @Nullable Tensor[] inputs() {
    return inputs;
  }

  /** Which outputs are asked for, in the signature's order; null if all. Not to be changed. */
  public boolean @Nullable [] wanted() {
    return wanted;
  }

  /** Whether output {@code i} is asked for. */
  public boolean wants(int i) {
    return wanted == null || wanted[i];
  }

  /** The memory of inputs and outputs. */
  public TensorArena arena() {
    return arena;
  }

  /** When the last byte was read, as {@link System#nanoTime()}. */
  public long receivedNs() {
    return receivedNs;
  }

  /** When an answer is of no use any more, as {@link System#nanoTime()}; MAX_VALUE for never. */
  public long deadlineNs() {
    return deadlineNs;
  }

  /** 1 is run first, then 2 and so on; 0 for the model's default. */
  public int priority() {
    return priority;
  }

  /** How long it may wait to be run; 0 for as long as the model lets it. */
  public long queueTimeoutNs() {
    return queueTimeoutNs;
  }

  /**
   * Says that nobody waits for the answer any more. What is queued leaves its queue at once and is
   * failed with CANCELLED; what is being run runs on. By any thread; again does no harm.
   */
  public void cancel() {
    Runnable waiting = (Runnable) ON_CANCEL.getAndSet(this, CANCELLED);
    if (waiting != null) {
      waiting.run();
    }
  }

  /** Whether nobody waits for the answer any more. By any thread. */
  public boolean isCancelled() {
    return onCancel == CANCELLED;
  }

  /**
   * Has {@code action} run once, by the thread that cancels, unless {@link #endAwait} comes first.
   * Who asks for it takes the duty to answer over to {@code action}.
   *
   * @param action quick, and does not throw
   * @return false, and {@code action} is not kept, if the request was cancelled already
   */
  public boolean awaitCancel(Runnable action) {
    return ON_CANCEL.compareAndSet(this, null, action);
  }

  /**
   * Takes the action back that was given to {@link #awaitCancel}.
   *
   * @return false if the request was cancelled first: then the action has been run, or is being
   *     run, and the request belongs to it
   */
  public boolean endAwait(Runnable action) {
    return ON_CANCEL.compareAndSet(this, action, null);
  }

  /** Says that it was decoded in this turn of an event loop, whose thread hands it on. */
  public void setTurn(Turn turn) {
    this.turn = turn;
  }

  /** The turn of the event loop that hands it on; null if none does. */
  public @Nullable Turn turn() {
    return turn;
  }

  /** The rows of this request: dimension 0 of its first input, 1 where it has none. */
  public long rows() {
    for (Tensor input : inputs) {
      if (input != null) {
        return input.shape().rank() == 0 ? 1 : input.shape().dim(0);
      }
    }
    return 1;
  }

  /** Sets where the outputs are: the batch, of this request's signature, that was run for it. */
  public void setOutputs(Batch run) {
    this.run = run;
  }

  /**
   * Sets the outputs, in the signature's order: null where one was not wanted. Their memory lives
   * as long as {@link #arena()}. Not to be changed any more.
   */
  public void setOutputs(@Nullable Tensor[] outputs) {
    this.outputs = outputs;
  }

  /** Output {@code i}; it was wanted, and the reply was a success. */
  public Tensor output(int i) {
    if (outputs != null) {
      return Objects.requireNonNull(outputs[i], "output was not wanted or not set");
    }
    return Objects.requireNonNull(run, "not run").output(i);
  }

  /** Says that {@code stage} ended now. */
  public void mark(Stage stage) {
    mark(stage, System.nanoTime());
  }

  /** Says that {@code stage} ended at {@code endNs}, as {@link System#nanoTime()}. */
  public void mark(Stage stage, long endNs) {
    switch (stage) {
      case DECODE -> decodedNs = endNs;
      case QUEUE -> dequeuedNs = endNs;
      case BATCH -> batchedNs = endNs;
      case RUN -> ranNs = endNs;
      case ENCODE -> encodedNs = endNs;
    }
  }

  /**
   * How long {@code stage} took.
   *
   * @return nanoseconds from the end of the last stage before it that was marked; 0 if it was not
   *     marked itself
   */
  public long stageNs(Stage stage) {
    long end = endNs(stage);
    return end == 0 ? 0 : end - beginNs(stage);
  }

  /** How long it took from its last byte to the end of the last stage that was marked, in ns. */
  public long latencyNs() {
    return (encodedNs != 0 ? encodedNs : beginNs(Stage.ENCODE)) - receivedNs;
  }

  /** Takes over how long the stages of {@code other}, which was run in its stead, took. */
  public void timesFrom(PredictRequest other) {
    dequeuedNs = other.dequeuedNs;
    batchedNs = other.batchedNs;
    ranNs = other.ranNs;
  }

  private long endNs(Stage stage) {
    return switch (stage) {
      case DECODE -> decodedNs;
      case QUEUE -> dequeuedNs;
      case BATCH -> batchedNs;
      case RUN -> ranNs;
      case ENCODE -> encodedNs;
    };
  }

  /** When the last stage before {@code stage} that was marked ended. */
  private long beginNs(Stage stage) {
    return switch (stage) {
      case DECODE -> receivedNs;
      case QUEUE -> decodedNs != 0 ? decodedNs : beginNs(Stage.DECODE);
      case BATCH -> dequeuedNs != 0 ? dequeuedNs : beginNs(Stage.QUEUE);
      case RUN -> batchedNs != 0 ? batchedNs : beginNs(Stage.BATCH);
      case ENCODE -> ranNs != 0 ? ranNs : beginNs(Stage.RUN);
    };
  }
}
