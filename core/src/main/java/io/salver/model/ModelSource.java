package io.salver.model;

import java.nio.file.Path;
import java.util.List;

/**
 * Says which versions of models are wanted.
 *
 * <p>Level-triggered: each publication is the whole set of versions of a model that are wanted now,
 * and replaces the one before. Publishing the same set again, or losing all but the last, does no
 * harm.
 */
public interface ModelSource extends AutoCloseable {
  /** Takes what a source publishes. Thread-safe; returns at once. */
  @FunctionalInterface
  interface Sink {
    /**
     * From now on exactly these versions of {@code model} are wanted; none, if the list is empty.
     */
    void publish(String model, List<Wanted> versions);

    /**
     * The source could not find out which versions of {@code model} are wanted, or found none: what
     * it published last still holds.
     *
     * @param reason for an operator, naming the place that was looked at
     */
    default void unreadable(String model, String reason) {}
  }

  /**
   * A version that is wanted.
   *
   * @param directory where its files are
   */
  record Wanted(long version, Path directory) {}

  /** Begins to publish to {@code sink}, from threads of the source's own. Called once. */
  void start(Sink sink);

  /** Stops publishing. After it returns the sink is not called again. */
  @Override
  void close();
}
