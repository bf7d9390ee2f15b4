package io.salver.predict;

import io.salver.engine.Batch;
import io.salver.model.ModelLease;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One decoded request on its way through the spine.
 *
 * <p>Used by one thread at a time; stages hand it on. The front end that made it owns it: when the
 * reply has come and the answer is encoded it closes {@link #arena()} and {@link #lease()}.
 */
public final class PredictRequest {
  private final ModelLease lease;
  private final Signature signature;
  private final @Nullable Tensor[] inputs;
  private final boolean @Nullable [] wanted;
  private final TensorArena arena;
  private final long deadlineNs;
  private final long receivedNs;
  private final long[] stageEndNs = new long[Stage.values().length];
  private @Nullable Batch run;

  /**
   * A request.
   *
   * @param inputs one for each input of {@code signature}, in its order; null where an optional one
   *     is left out
   * @param wanted one for each output of {@code signature}; null if all are wanted
   * @param receivedNs when its last byte was read, as {@link System#nanoTime()}
   * @param deadlineNs when its answer is of no use any more; {@link Long#MAX_VALUE} for never
   */
  public PredictRequest(
      ModelLease lease,
      Signature signature,
      @Nullable Tensor[] inputs,
      boolean @Nullable [] wanted,
      TensorArena arena,
      long receivedNs,
      long deadlineNs) {
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

  /** Output {@code i}; it was wanted, and the reply was a success. */
  public Tensor output(int i) {
    return Objects.requireNonNull(run, "not run").output(i);
  }

  /** Says that {@code stage} ended now. */
  public void mark(Stage stage) {
    stageEndNs[stage.ordinal()] = System.nanoTime();
  }

  /**
   * How long {@code stage} took.
   *
   * @return nanoseconds from the end of the last stage before it that was marked; 0 if it was not
   *     marked itself
   */
  public long stageNs(Stage stage) {
    long end = stageEndNs[stage.ordinal()];
    if (end == 0) {
      return 0;
    }
    for (int i = stage.ordinal() - 1; i >= 0; i--) {
      if (stageEndNs[i] != 0) {
        return end - stageEndNs[i];
      }
    }
    return end - receivedNs;
  }
}
