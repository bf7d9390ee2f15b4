package io.salver.engine.process;

import io.salver.engine.Batch;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The workers of one version and their supervisors. Thread-safe.
 *
 * <p>A run takes an idle connection of any worker. Where there is none it waits for one, but only
 * for workers that are up or on their way; while all are down it is refused.
 */
final class WorkerPool implements AutoCloseable {
  private static final Duration START_WAIT = Duration.ofSeconds(10);
  private static final Duration PING_LIMIT = Duration.ofSeconds(5);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final WorkerSpec spec;
  private final String model;
  private final List<Supervisor> supervisors = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private final ArrayDeque<Link> idle = new ArrayDeque<>();
  private final Supervisor.State[] states;

  private WorkerDescription description = new WorkerDescription(List.of(), 0, java.util.Map.of());

  private record Link(RunningWorker worker, WorkerConnection connection) {}

  private WorkerPool(WorkerLauncher launcher, Backoff backoff) {
    this.spec = launcher.spec();
    this.model = launcher.model();
    this.states = new Supervisor.State[spec.replicas()];
    for (int i = 0; i < states.length; i++) {
      states[i] = new Supervisor.State.Starting(System.nanoTime());
      supervisors.add(new Supervisor(launcher, this, i, backoff));
    }
  }

  /**
   * Starts all workers, and waits until each is ready.
   *
   * @throws ModelLoadException if one is not
   */
  static WorkerPool start(WorkerLauncher launcher, Backoff backoff) throws ModelLoadException {
    WorkerPool pool = new WorkerPool(launcher, backoff);
    pool.start();
    return pool;
  }

  private void start() throws ModelLoadException {
    try {
      for (int i = 0; i < supervisors.size(); i++) {
        threads.add(
            Thread.ofPlatform()
                .daemon()
                .name("salver-worker-" + model + "-" + i)
                .start(supervisors.get(i)));
      }
      for (Supervisor supervisor : supervisors) {
        WorkerDescription told = supervisor.first().join();
        if (supervisor == supervisors.getFirst()) {
          description = told;
        } else if (!isSame(told)) {
          throw new ModelLoadException("workers of " + model + " describe different models");
        }
      }
    } catch (CompletionException e) {
      close();
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ModelLoadException("worker of " + model + ": " + cause.getMessage(), cause);
    } catch (ModelLoadException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** What the workers say of the model. */
  WorkerDescription description() {
    return description;
  }

  boolean isSame(WorkerDescription other) {
    return description.signatures().isEmpty()
        || description.signatures().toString().equals(other.signatures().toString());
  }

  /**
   * Has a worker run {@code batch}.
   *
   * @param signature as {@link WorkerConnection#run}
   */
  void run(Batch batch, int signature) {
    batch.refuseLate("a worker ran the model");
    Link link = take(batch.deadlineNs());
    try {
      link.connection.run(batch, signature, untilNs(batch.deadlineNs()));
    } catch (BrokenWorkerException e) {
      throw failed(link.worker, e);
    } finally {
      giveBack(link);
    }
  }

  private long untilNs(long deadlineNs) {
    long nowNs = System.nanoTime();
    long limitNs = spec.runLimit().toNanos();
    return deadlineNs == Long.MAX_VALUE
        ? nowNs + limitNs
        : nowNs + Math.min(limitNs, deadlineNs - nowNs + spec.deadlineGrace().toNanos());
  }

  private static ServingException failed(RunningWorker worker, BrokenWorkerException e) {
    String words = worker.fail(e);
    return new ServingException(
        switch (e.fault()) {
          case GONE -> Category.UNAVAILABLE;
          case LATE -> Category.DEADLINE_EXCEEDED;
          case GARBAGE -> Category.INTERNAL;
        },
        "worker " + worker.name() + ": " + words + ", while it ran this request",
        e);
  }

  private Link take(long deadlineNs) {
    long startNs = System.nanoTime();
    lock.lock();
    try {
      while (idle.isEmpty()) {
        long leftNs = Math.min(waitNs(startNs), deadlineNs - System.nanoTime());
        if (deadlineNs != Long.MAX_VALUE && deadlineNs - System.nanoTime() <= 0) {
          throw new ServingException(
              Category.DEADLINE_EXCEEDED,
              "deadline: passed while this request waited for a worker of " + model);
        }
        var unused = changed.awaitNanos(leftNs);
      }
      return idle.pollLast();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServingException(
          Category.UNAVAILABLE, "the thread was interrupted while it waited for a worker");
    } finally {
      lock.unlock();
    }
  }

  /** How long it makes sense to wait for a worker; refuses where it does not. */
  private long waitNs(long startNs) {
    long longest = 0;
    for (Supervisor.State state : states) {
      longest =
          Math.max(
              longest,
              switch (state) {
                case Supervisor.State.Up() -> Long.MAX_VALUE;
                case Supervisor.State.Starting starting ->
                    START_WAIT.toNanos() - (System.nanoTime() - startNs);
                case Supervisor.State.Down down -> 0;
              });
    }
    if (longest <= 0) {
      throw new ServingException(Category.UNAVAILABLE, "worker of " + model + ": " + whyDown());
    }
    return longest;
  }

  private String whyDown() {
    long nowNs = System.nanoTime();
    return switch (states[0]) {
      case Supervisor.State.Down(String reason, int failures, long untilNs) ->
          "%s; %d times in a row; started again in %d ms"
              .formatted(
                  reason, failures, Math.max(0, TimeUnit.NANOSECONDS.toMillis(untilNs - nowNs)));
      case Supervisor.State.Starting(long sinceNs) ->
          "not yet ready, %d ms after it was started (expected: within %d ms)"
              .formatted(
                  TimeUnit.NANOSECONDS.toMillis(nowNs - sinceNs), spec.startTimeout().toMillis());
      case Supervisor.State.Up() -> "busy";
    };
  }

  private void giveBack(Link link) {
    lock.lock();
    try {
      if (!link.worker.isBroken()) {
        idle.addLast(link);
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The CPU time that all workers together have taken so far. */
  long cpuNs() {
    return supervisors.stream().mapToLong(Supervisor::cpuNs).sum();
  }

  /** A replica's state is another one now. */
  void changed(int number, Supervisor.State state) {
    lock.lock();
    try {
      states[number] = state;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A worker can be used. */
  void add(int number, RunningWorker worker) {
    lock.lock();
    try {
      states[number] = new Supervisor.State.Up();
      worker.connections().forEach(connection -> idle.addLast(new Link(worker, connection)));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A worker cannot be used any more; the next one is on its way as soon as this has ended. */
  void remove(int number, RunningWorker worker) {
    lock.lock();
    try {
      states[number] = new Supervisor.State.Starting(System.nanoTime());
      idle.removeIf(link -> link.worker == worker);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Asks a worker that has nothing to do whether it is there. All of its connections are kept
   * meanwhile: a run on another one may take longer than an answer to this.
   */
  void ping(RunningWorker worker) {
    List<Link> links = takeIdle(worker);
    if (links.isEmpty()) {
      return;
    }
    try {
      links.getFirst().connection.ping(System.nanoTime() + PING_LIMIT.toNanos());
    } catch (BrokenWorkerException e) {
      var unused = worker.fail(e);
    } finally {
      links.forEach(this::giveBack);
    }
  }

  /** All connections of a worker if none is in use, otherwise none. */
  private List<Link> takeIdle(RunningWorker worker) {
    lock.lock();
    try {
      List<Link> links = idle.stream().filter(link -> link.worker == worker).toList();
      if (links.size() < worker.connections().size()) {
        return List.of();
      }
      idle.removeAll(links);
      return links;
    } finally {
      lock.unlock();
    }
  }

  /** Ends all workers, and waits until they have ended, but not for long. */
  @Override
  public void close() {
    supervisors.forEach(Supervisor::close);
    long untilNs = System.nanoTime() + CLOSE_LIMIT.toNanos();
    try {
      for (Thread thread : threads) {
        long leftNs = Math.max(1, untilNs - System.nanoTime());
        var unused = thread.join(Duration.ofNanos(leftNs));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
