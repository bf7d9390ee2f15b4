package io.salver.server.inference;

import io.salver.predict.Turn;
import io.salver.server.net.LoopContext;
import io.salver.tensor.ArenaPool;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;

/** A loop that is the thread which made it, and runs its tasks when it is told to. */
public final class FakeLoop implements LoopContext, AutoCloseable {
  private final Thread owner = Thread.currentThread();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Turn turn = new Turn(this::execute);
  private final ArenaPool arenas;
  private volatile boolean ended;

  public FakeLoop(long requestLimitBytes) {
    arenas = new ArenaPool(requestLimitBytes);
  }

  @Override
  public ArenaPool arenas() {
    return arenas;
  }

  @Override
  public Turn turn() {
    return turn;
  }

  @Override
  public void execute(Runnable task) {
    if (ended) {
      throw new RejectedExecutionException();
    }
    tasks.add(task);
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread().equals(owner);
  }

  /** Runs what waits; the number of tasks. */
  public int runTasks() {
    int count = 0;
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
      count++;
    }
    return count;
  }

  /** From now on takes no tasks. */
  public void end() {
    ended = true;
  }

  @Override
  public void close() {
    arenas.close();
  }
}
