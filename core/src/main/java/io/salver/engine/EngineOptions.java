package io.salver.engine;

/**
 * How an engine is to load a model.
 *
 * @param intraOpThreads threads that one run may use inside an operation, at least 1; with 1 the
 *     calling thread does all the work
 * @param interOpThreads threads for operations that may run side by side, at least 1; with 1 the
 *     calling thread does all the work
 */
public record EngineOptions(int intraOpThreads, int interOpThreads) {
  /** One thread for everything: the caller's. */
  public static final EngineOptions DEFAULT = new EngineOptions(1, 1);

  public EngineOptions {
    if (intraOpThreads < 1 || interOpThreads < 1) {
      throw new IllegalArgumentException(
          "threads: intra-op "
              + intraOpThreads
              + ", inter-op "
              + interOpThreads
              + " (expected: >= 1 each)");
    }
  }
}
