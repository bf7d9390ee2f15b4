package io.salver.batching;

import io.salver.predict.Turn;
import io.salver.tensor.ArenaPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;

/**
 * An event loop that is the thread which made it: tasks come from any thread, and run when that
 * thread says so.
 */
final class TestLoop implements AutoCloseable {
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final ArenaPool arenas = new ArenaPool(16 << 20);
  private final Turn turn = new Turn(tasks::add);

  ArenaPool arenas() {
    return arenas;
  }

  Turn turn() {
    return turn;
  }

  void execute(Runnable task) {
    tasks.add(task);
  }

  /** Runs the tasks that are there. */
  void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Runs tasks, also those that are still to come, until {@code done}. */
  void runUntil(BooleanSupplier done) {
    while (!done.getAsBoolean()) {
      try {
        tasks.take().run();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() {
    arenas.close();
  }
}
