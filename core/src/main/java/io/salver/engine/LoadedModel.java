package io.salver.engine;

import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model in memory, ready to run.
 *
 * <p>Owned by whoever loaded it, who calls {@link #close()} once, when no run is under way and no
 * {@link Batch} with outputs of this model is open.
 */
public interface LoadedModel extends AutoCloseable {
  /** The ways to call this model by name, in the model's own order; never empty. */
  Map<String, Signature> signatures();

  /** {@code serving_default}, or else the first: what is meant where nothing is said. */
  default Signature defaultSignature() {
    Signature usual = signatures().get(Signature.DEFAULT_NAME);
    return usual != null ? usual : signatures().values().iterator().next();
  }

  /** Whether {@link #run} may be called by several threads at once. */
  boolean isConcurrent();

  /**
   * How many runs are computed at once elsewhere, as by other processes or on an accelerator, or by
   * a bounded number of instances; 0 if the calling thread computes them, as many as there are.
   *
   * <p>A run of a model with workers waits for one of them, however short it usually is: it is
   * never made by a thread that serves connections, and as many threads make them as there are
   * workers.
   */
  default int workers() {
    return 0;
  }

  /**
   * Whether numbers may be computed with fewer digits than their types hold, as GPUs do with TF32,
   * and by other steps for each number of rows: then a row's outputs are a little different in a
   * run with others.
   */
  default boolean isApproximate() {
    return false;
  }

  /**
   * The CPU time that other processes have spent on this model since it was loaded, in nanoseconds:
   * what nobody sees who measures the threads that call {@link #run}. Never falls. By any thread;
   * may read files.
   */
  default long workerCpuNs() {
    return 0;
  }

  /**
   * Computes the outputs of {@code batch} that are wanted, on the calling thread, and blocks until
   * they are there. Inputs have been checked against the signature's names and types, not its
   * shapes. Signatures other than {@link #signatures()} may be given if they are made of the same
   * tensors, such as two that share their inputs merged into one.
   *
   * <p>Never called on a virtual thread: a native call would pin its carrier.
   *
   * @throws ServingException if the model refuses the inputs (INVALID_ARGUMENT), or fails
   *     (INTERNAL)
   */
  void run(Batch batch);

  /**
   * Elements that an input takes, for whoever makes inputs up: to warm the model, or to find out
   * whether its requests may share runs. Each is small, and another than the others.
   *
   * @param signature one of {@link #signatures()}
   * @param input a STRING input's position in it
   * @return empty if any element will do, as far as the model knows
   */
  default List<byte[]> examples(Signature signature, int input) {
    return List.of();
  }

  /** An upper bound of the memory that this model takes while it is loaded. */
  long memoryBytes();

  /**
   * Something that the model's format says of it, in the format's own encoding, for front ends that
   * speak that format's language; the engine's documentation lists the keys.
   */
  default Optional<byte[]> metadata(String key) {
    return Optional.empty();
  }

  /** The keys for which {@link #metadata} has something. */
  default Set<String> metadataKeys() {
    return Set.of();
  }

  /** Gives the memory back. */
  @Override
  void close();
}
