package io.salver.engine.process;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one replica of a worker running: a thread of its own, for as long as the model is loaded.
 */
final class Supervisor implements Runnable {
  private static final Logger LOG = System.getLogger(Supervisor.class.getName());
  private static final Duration PING_INTERVAL = Duration.ofSeconds(10);

  /** What a replica is up to, for those who wait for it. */
  sealed interface State {
    /** On its way since then. */
    record Starting(long sinceNs) implements State {}

    /** Answering. */
    record Up() implements State {}

    /** Started again at that time, and not before. */
    record Down(String reason, int failures, long untilNs) implements State {}
  }

  private final WorkerLauncher launcher;
  private final WorkerPool pool;
  private final int number;
  private final Backoff backoff;
  private final CompletableFuture<WorkerDescription> first = new CompletableFuture<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable WorkerProcess starting;
  private volatile @Nullable RunningWorker worker;
  private long endedCpuNs;

  // Used by the supervisor's own thread only.
  private long upNs;

  Supervisor(WorkerLauncher launcher, WorkerPool pool, int number, Backoff backoff) {
    this.launcher = launcher;
    this.pool = pool;
    this.number = number;
    this.backoff = backoff;
  }

  /** What the worker says of its model, or why it could not be started the first time. */
  CompletableFuture<WorkerDescription> first() {
    return first;
  }

  @Override
  public void run() {
    int failures = 0;
    while (closed.getCount() > 0) {
      pool.changed(number, new State.Starting(System.nanoTime()));
      upNs = 0;
      String reason;
      try (RunningWorker started = launcher.start(number, this::starts)) {
        reason = serve(started);
      } catch (BrokenWorkerException e) {
        if (first.completeExceptionally(e)) {
          return;
        }
        reason = e.getMessage();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | Error e) {
        // An Error as well, such as no room for a thread: nobody else would start the worker again.
        if (first.completeExceptionally(e)) {
          return;
        }
        LOG.log(Level.ERROR, "Supervising a worker of " + launcher.model() + " failed", e);
        reason = e.toString();
      }
      if (closed.getCount() == 0) {
        return;
      }
      failures = backoff.failures(failures, upNs);
      pause(reason, failures);
    }
  }

  private void starts(WorkerProcess process) {
    starting = process;
    if (closed.getCount() == 0) {
      process.kill();
    }
  }

  /** Has it serve until it is broken; why it is. */
  private String serve(RunningWorker started) throws InterruptedException {
    if (!first.complete(started.description()) && !pool.isSame(started.description())) {
      return "it describes itself otherwise than when it was started first";
    }
    worker = started;
    pool.add(number, started);
    long sinceNs = System.nanoTime();
    try {
      while (closed.getCount() > 0 && !started.awaitBroken(PING_INTERVAL)) {
        pool.ping(started);
      }
    } finally {
      upNs = System.nanoTime() - sinceNs;
      retired(started);
      pool.remove(number, started);
    }
    if (closed.getCount() == 0) {
      started.retire();
    }
    return started.fault();
  }

  private synchronized void retired(RunningWorker started) {
    endedCpuNs += started.cpuNs();
    worker = null;
  }

  /** The CPU time of this replica's workers, of the one that runs and of those before it. */
  synchronized long cpuNs() {
    RunningWorker running = worker;
    return endedCpuNs + (running == null ? 0 : running.cpuNs());
  }

  /** Has the worker end, and this with it; returns before they have. */
  void close() {
    closed.countDown();
    RunningWorker running = worker;
    WorkerProcess process = starting;
    if (running != null) {
      running.retire();
    } else if (process != null) {
      process.kill();
    }
  }

  private void pause(String reason, int failures) {
    Duration delay = backoff.delay(failures);
    LOG.log(
        Level.WARNING,
        "Worker {0} #{1}: {2}; started again in {3} ms",
        launcher.model(),
        number,
        reason,
        Long.toString(delay.toMillis()));
    if (!delay.isZero()) {
      pool.changed(number, new State.Down(reason, failures, System.nanoTime() + delay.toNanos()));
      try {
        var unused = closed.await(delay.toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
