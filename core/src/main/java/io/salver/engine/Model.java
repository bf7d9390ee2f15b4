package io.salver.engine;

import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import java.util.Map;

/**
 * A model that is written in Java: what the author of one implements, in a jar that names the class
 * in {@code META-INF/services/io.salver.engine.Model}.
 *
 * <p>The class needs a public constructor without parameters. {@link #load} is called once and
 * first, then {@link #signatures}, then {@link #run} as often as there are requests, and {@link
 * #close} once and last.
 */
public interface Model extends AutoCloseable {
  /**
   * Gets ready to run.
   *
   * @param files the version's directory: the jar, and what lies beside it
   * @throws Exception if the model cannot be used; the message is shown to the operator
   */
  default void load(ModelFiles files) throws Exception {}

  /** The ways to call this model by name; never empty, and the same each time. */
  Map<String, Signature> signatures();

  /**
   * Whether {@link #run} may be called by several threads at once. If not, which is the default, it
   * is called by one at a time.
   */
  default boolean isConcurrent() {
    return false;
  }

  /**
   * Computes the outputs of {@code batch} that are wanted, and sets them; their memory comes from
   * {@link Batch#arena()}. Inputs have been checked against the signature's names and types, not
   * its shapes.
   *
   * @throws ServingException to answer with another category than a failure of the model's own, as
   *     with {@link ServingException#invalid} for inputs that are wrong
   * @throws Exception if the model fails
   */
  void run(Batch batch) throws Exception;

  /** Gives back what {@link #load} has taken; no run is under way. */
  @Override
  default void close() throws Exception {}
}
