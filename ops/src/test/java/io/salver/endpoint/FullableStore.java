package io.salver.endpoint;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.function.Function;

/** A store on a disk that may be full: then each change is done, and undone. */
public final class FullableStore implements ControlStore {
  private final MemoryStore memory = new MemoryStore();
  private final String problem;
  private boolean full;

  /**
   * A store with room.
   *
   * @param problem what it fails with when it is full
   */
  public FullableStore(String problem) {
    this.problem = problem;
  }

  /** Says whether the disk is full from now on. */
  public void setFull(boolean isFull) {
    full = isFull;
  }

  @Override
  public <T> T read(Function<View, T> work) {
    return memory.read(work);
  }

  @Override
  public <T> T write(Function<Transaction, T> work) {
    return memory.write(transaction -> {
      T result = work.apply(transaction);
      if (full) {
        throw new ServingException(Category.UNAVAILABLE, problem);
      }
      return result;
    });
  }

  @Override
  public void close() {}
}
