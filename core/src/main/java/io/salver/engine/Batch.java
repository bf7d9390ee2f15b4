package io.salver.engine;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One run of a model: what goes in, and where what comes out is put.
 *
 * <p>Used by one thread at a time. Inputs and outputs live as long as {@link #arena()}.
 */
public final class Batch {
  private final Signature signature;
  private final @Nullable Tensor[] inputs;
  private final boolean @Nullable [] wanted;
  private final @Nullable Tensor[] outputs;
  private final TensorArena arena;
  private final long deadlineNs;

  /**
   * A batch.
   *
   * @param inputs one for each input of the signature, in its order; null where an optional input
   *     is left out
   * @param wanted one for each output of the signature; null if all are wanted
   * @param arena where outputs may be allocated
   * @param deadlineNs in terms of {@link System#nanoTime()}; {@link Long#MAX_VALUE} for none
   */
  public Batch(
      Signature signature,
      @Nullable Tensor[] inputs,
      boolean @Nullable [] wanted,
      TensorArena arena,
      long deadlineNs) {
    this.signature = signature;
    this.inputs = inputs;
    this.wanted = wanted;
    this.outputs = new Tensor[signature.outputs().size()];
    this.arena = arena;
    this.deadlineNs = deadlineNs;
  }

  /** How the model is called. */
  public Signature signature() {
    return signature;
  }

  /** Input {@code i} in the signature's order, or null if it is optional and was left out. */
  public @Nullable Tensor input(int i) {
    return inputs[i];
  }

  /** Whether output {@code i} is asked for. */
  public boolean wants(int i) {
    return wanted == null || wanted[i];
  }

  /** Sets output {@code i}, whose memory lives as long as {@link #arena()}. */
  public void setOutput(int i, Tensor output) {
    outputs[i] = output;
  }

  /** Whether output {@code i} was set. */
  public boolean isSet(int i) {
    return outputs[i] != null;
  }

  /** Output {@code i}; it has been run and was wanted. */
  public Tensor output(int i) {
    return Objects.requireNonNull(outputs[i], "output was not wanted or not set");
  }

  /** Where outputs may be allocated, and to which an engine hangs the release of its own memory. */
  public TensorArena arena() {
    return arena;
  }

  /** When an answer is of no use any more, as {@link System#nanoTime()}; MAX_VALUE for never. */
  public long deadlineNs() {
    return deadlineNs;
  }

  /**
   * Refuses what would come too late.
   *
   * @param before what has not happened yet, for the message: "the model was run"
   * @throws ServingException with DEADLINE_EXCEEDED if the deadline has passed
   */
  public void refuseLate(String before) {
    if (deadlineNs == Long.MAX_VALUE) {
      return;
    }
    long lateNs = System.nanoTime() - deadlineNs;
    if (lateNs >= 0) {
      throw new ServingException(
          Category.DEADLINE_EXCEEDED, "deadline: passed " + lateNs / 1000 + " us before " + before);
    }
  }
}
