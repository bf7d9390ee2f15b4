package io.salver.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Keeps what it is given until the test runs it, on the test's own thread. Thread-safe. */
public final class ManualExecutor implements Executor {
  private final List<Runnable> waiting = new ArrayList<>();

  @Override
  public synchronized void execute(Runnable task) {
    waiting.add(task);
  }

  /** How many tasks wait. */
  public synchronized int size() {
    return waiting.size();
  }

  /** Runs the task that has waited longest; returns whether there was one. */
  public boolean runNext() {
    Runnable task = take(0);
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  /** Runs any of the tasks that wait; returns whether there was one. */
  public boolean runAny(RandomGenerator random) {
    int size = size();
    Runnable task = size == 0 ? null : take(random.nextInt(size));
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  /** Runs tasks, also those that they hand in, until none waits; returns whether there was one. */
  public boolean runAll() {
    boolean any = false;
    while (runNext()) {
      any = true;
    }
    return any;
  }

  private synchronized @Nullable Runnable take(int index) {
    return index < waiting.size() ? waiting.remove(index) : null;
  }
}
