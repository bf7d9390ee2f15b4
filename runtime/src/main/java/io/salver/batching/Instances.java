package io.salver.batching;

import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The platform threads of one version, and the bounded queue in front of them. Threads start when
 * there is work and end when there has been none for a while, so an idle version has none.
 *
 * <p>An idle thread takes what is there: at most the rows of a run, and no more than its share when
 * other threads are idle too. One thread at a time is woken; it wakes the next if it leaves
 * something.
 */
final class Instances implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Instances.class.getName());
  private static final int MAX_RUN_REQUESTS = 1_024;
  private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(10);

  private final String name;
  private final GroupRunner runner;
  private final int maxThreads;
  private final int maxQueued;
  private final long timeoutNs;
  private final long queueTimeoutNs;
  private final VersionAdmission admission;
  private final ThreadFactory factory;
  private final ArenaPool arenas;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private final RequestQueue queue;
  private int threads;
  private int starting;
  private int waiting;
  private int woken;
  private int running;
  private long wakeNs = Long.MAX_VALUE;
  private boolean closed;

  /**
   * No threads yet.
   *
   * @param arenas memory for batches, from which any thread may take; closed with this
   */
  Instances(
      ModelVersion version,
      GroupRunner runner,
      int threads,
      RunnerConfig config,
      ArenaPool arenas) {
    this.name = version.toString();
    this.runner = runner;
    this.maxThreads = threads;
    this.maxQueued = config.maxQueued();
    this.timeoutNs = config.batching().timeout().toNanos();
    this.queueTimeoutNs = config.batching().queueTimeout().toNanos();
    this.queue = new RequestQueue(config.batching(), maxQueued);
    this.admission =
        new VersionAdmission(version, config.admission(), maxQueued + threads * MAX_RUN_REQUESTS);
    this.factory = Thread.ofPlatform().daemon().name("salver-run-" + name + "-", 0).factory();
    this.arenas = arenas;
  }

  /**
   * Has a request run soon, or refuses it.
   *
   * @param shares whether it may share a run with others
   */
  void add(PredictRequest request, Reply reply, long inputBytes, boolean shares) {
    Queued queued =
        new Queued(
            request, reply, inputBytes, System.nanoTime(), timeoutNs(request), this::cancelled);
    ServingException refusal;
    lock.lock();
    try {
      refusal = tryAdd(queued, shares);
    } finally {
      lock.unlock();
    }
    if (refusal != null) {
      reply.failed(request, refusal);
    }
  }

  /** The shorter of what the request and what its model asks for. */
  private long timeoutNs(PredictRequest request) {
    long own = request.queueTimeoutNs() == 0 ? Long.MAX_VALUE : request.queueTimeoutNs();
    return Math.min(own, queueTimeoutNs == 0 ? Long.MAX_VALUE : queueTimeoutNs);
  }

  private @Nullable ServingException tryAdd(Queued queued, boolean shares) {
    if (queue.isFull(queued.request().rows())) {
      runner.statistics().dropped(RunStatistics.Drop.QUEUE_FULL);
      return full(queued.queuedNs());
    }
    long nowNs = queued.queuedNs();
    int maxRows = (int) Math.min(Integer.MAX_VALUE, runner.maxRows());
    ServingException hopeless =
        admission.admit(queued.request(), state(nowNs), shares ? maxRows : 1, nowNs);
    if (hopeless != null) {
      runner.statistics().dropped(RunStatistics.Drop.OVERLOAD);
      return hopeless;
    }
    if (!queued.awaitCancel()) {
      runner.statistics().dropped(RunStatistics.Drop.CANCELLED);
      return cancelledBeforeRun();
    }
    queue.add(queued, shares);
    runner.statistics().queued(1);
    OutOfMemoryError failure = wakeFor(queued);
    if (failure != null && threads == 0 && queue.remove(queued)) {
      runner.statistics().queued(-1);
      return queued.endAwait()
          ? new ServingException(Category.UNAVAILABLE, "instances of " + name + ": " + failure)
          : null;
    }
    return null;
  }

  private @Nullable OutOfMemoryError wakeFor(Queued queued) {
    RequestQueue.Lane lane = queued.lane();
    boolean held =
        timeoutNs > 0
            && lane != null
            && lane.rows() < runner.maxRows()
            && wakeNs != Long.MAX_VALUE
            && queued.queuedNs() + timeoutNs - wakeNs >= 0;
    return held || woken > 0 || starting > 0 ? null : wakeOne();
  }

  /** Wakes or starts a thread, if there is one; what went wrong if none could be started. */
  private @Nullable OutOfMemoryError wakeOne() {
    if (waiting > 0) {
      woken++;
      changed.signal();
    } else if (threads < maxThreads) {
      try {
        factory.newThread(this::work).start();
      } catch (OutOfMemoryError noThread) {
        return noThread;
      }
      threads++;
      starting++;
    }
    return null;
  }

  private void work() {
    OsPriority.lower();
    started();
    List<Queued> taken = new ArrayList<>();
    List<Queued> late = new ArrayList<>();
    Outbox outbox = new Outbox();
    while (next(taken, late, outbox)) {
      try {
        late.forEach(this::drop);
        run(taken, outbox);
      } catch (RuntimeException | Error e) {
        LOG.log(Level.ERROR, "An instance of " + name + " failed", e);
      }
    }
  }

  private void started() {
    lock.lock();
    starting--;
    lock.unlock();
  }

  private void run(List<Queued> taken, Outbox outbox) {
    Group group = new Group();
    for (Queued queued : taken) {
      if (queued.endAwait()) {
        group.add(queued.request(), outbox.to(queued.reply()), queued.inputBytes());
      }
    }
    if (group.size() == 0) {
      return;
    }
    group.start(System.nanoTime());
    runner.run(group, arenas::take);
    long nowNs = System.nanoTime();
    ran(group, nowNs);
    outbox.sendIfDue(nowNs, nowNs - group.startNs());
  }

  private void ran(Group group, long nowNs) {
    int inFlight;
    lock.lock();
    inFlight = queue.size() + running;
    lock.unlock();
    admission.ran(inFlight, nowNs - group.request(0).receivedNs(), nowNs - group.startNs());
  }

  /**
   * Waits for what is to be done next; false if the thread is to end.
   *
   * @param taken what was done before; gets what is to be run
   * @param late gets what is to be dropped
   * @param outbox sent if there is nothing to be done at once
   */
  private boolean next(List<Queued> taken, List<Queued> late, Outbox outbox) {
    lock.lock();
    try {
      running -= taken.size();
      taken.clear();
      late.clear();
      long endNs = System.nanoTime() + IDLE_NS;
      while (true) {
        long nowNs = System.nanoTime();
        queue.take(nowNs, runRows(), runner.maxRows(), taken, late);
        if (!taken.isEmpty() || !late.isEmpty()) {
          runner.statistics().queued(-taken.size() - late.size());
          running += taken.size();
          if (!queue.isEmpty() && woken == 0 && starting == 0) {
            wakeOne();
          }
          return true;
        }
        if (!outbox.isEmpty()) {
          lock.unlock();
          try {
            outbox.send();
          } finally {
            lock.lock();
          }
          continue;
        }
        if (closed || queue.isEmpty() && nowNs - endNs >= 0) {
          end();
          return false;
        }
        await(nowNs, endNs);
      }
    } finally {
      lock.unlock();
    }
  }

  private void await(long nowNs, long endNs) {
    long untilNs = endNs;
    if (!queue.isEmpty()) {
      wakeNs = queue.readyNs();
      untilNs = wakeNs;
    }
    waiting++;
    try {
      long unused = changed.awaitNanos(Math.max(1, untilNs - nowNs));
    } catch (InterruptedException notOurs) {
      // Nobody here interrupts an instance; a model that does has no say in this.
    }
    waiting--;
    woken = Math.max(0, woken - 1);
    wakeNs = Long.MAX_VALUE;
  }

  private void end() {
    threads--;
    if (threads == 0) {
      arenas.trim();
    }
  }

  /** What a thread takes: an equal share of what is there, if others have nothing to do. */
  private long runRows() {
    long most = runner.maxRows();
    if (timeoutNs > 0) {
      return most;
    }
    int idle = waiting + maxThreads - threads;
    return Math.max(1, Math.min(most, (queue.rows() + idle) / (idle + 1)));
  }

  private void cancelled(Queued queued) {
    lock.lock();
    try {
      if (queue.remove(queued)) {
        runner.statistics().queued(-1);
      }
    } finally {
      lock.unlock();
    }
    runner.statistics().dropped(RunStatistics.Drop.CANCELLED);
    queued.reply().failed(queued.request(), cancelledBeforeRun());
  }

  static ServingException cancelledBeforeRun() {
    return new ServingException(Category.CANCELLED, "cancelled: before it was run");
  }

  /** Answers a request that was taken out because its time is over. */
  private void drop(Queued queued) {
    if (!queued.endAwait()) {
      return;
    }
    long nowNs = System.nanoTime();
    boolean late = queued.isLate(nowNs);
    runner
        .statistics()
        .dropped(late ? RunStatistics.Drop.DEADLINE : RunStatistics.Drop.QUEUE_TIMEOUT);
    queued
        .reply()
        .failed(
            queued.request(),
            new ServingException(
                late ? Category.DEADLINE_EXCEEDED : Category.UNAVAILABLE,
                (late ? "deadline: passed after " : "queue timeout: passed after ")
                    + (nowNs - queued.queuedNs()) / 1_000
                    + " us in the queue of "
                    + name
                    + ": "
                    + lockedState(nowNs)));
  }

  private QueueState lockedState(long nowNs) {
    lock.lock();
    try {
      return state(nowNs);
    } finally {
      lock.unlock();
    }
  }

  private QueueState state(long nowNs) {
    return new QueueState(
        queue.size(),
        queue.rows(),
        running,
        maxThreads,
        waiting + maxThreads - threads,
        maxQueued,
        queue.isEmpty() ? 0 : nowNs - queue.oldestNs());
  }

  private ServingException full(long nowNs) {
    return new ServingException(
        Category.UNAVAILABLE,
        "queue of " + name + ": " + state(nowNs) + " (expected: fewer requests, or rows)");
  }

  /** Ends the threads; nothing is queued or running any more, for every request held a lease. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    arenas.close();
  }
}
