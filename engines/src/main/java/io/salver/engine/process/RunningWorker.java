package io.salver.engine.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A worker that has been started and can be talked to, until somebody finds that it is broken.
 * Thread-safe; {@link #close} is its supervisor's.
 */
final class RunningWorker implements AutoCloseable {
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(1);
  private static final Duration GOOD_BYE_LIMIT = Duration.ofSeconds(2);

  private final String name;
  private final WorkerProcess process;
  private final List<WorkerConnection> connections;
  private final Path directory;
  private final AtomicReference<@Nullable String> fault = new AtomicReference<>();
  private final CountDownLatch broken;
  private volatile boolean retired;

  /**
   * A worker.
   *
   * @param broken counted down when it has ended, or is found to be broken
   * @param directory removed with it
   */
  RunningWorker(
      String name,
      WorkerProcess process,
      List<WorkerConnection> connections,
      Path directory,
      CountDownLatch broken) {
    this.name = name;
    this.process = process;
    this.connections = List.copyOf(connections);
    this.directory = directory;
    this.broken = broken;
  }

  /** As {@code model/version #0}. */
  String name() {
    return name;
  }

  /** The CPU time that it has taken; the last that was seen, once it has ended. */
  long cpuNs() {
    return process.cpuNs();
  }

  WorkerDescription description() {
    return connections.getFirst().description();
  }

  List<WorkerConnection> connections() {
    return connections;
  }

  /** Whether it cannot be used any more. */
  boolean isBroken() {
    return broken.getCount() == 0;
  }

  /** Says that it is not needed any more. */
  void retire() {
    retired = true;
    broken.countDown();
  }

  /** Says that it is broken, and ends it; only what is said first counts. */
  void fail(String reason) {
    fault.compareAndSet(null, reason);
    broken.countDown();
    process.kill();
  }

  /** Ends it, and says in words what was wrong with it. */
  String fail(BrokenWorkerException e) {
    String words = e.getMessage();
    if (e.fault() == BrokenWorkerException.Fault.GONE) {
      String ending = process.ending(EXIT_LIMIT);
      words = ending == null ? words : "ended by " + ending;
    }
    fail(words);
    return words;
  }

  /** Waits until it is broken or retired, at most {@code limit}; whether it is. */
  boolean awaitBroken(Duration limit) throws InterruptedException {
    return broken.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** What was wrong with it, now that it has ended. */
  String fault() {
    String known = fault.get();
    if (known != null || retired) {
      return known == null ? "not needed any more" : known;
    }
    String ending = process.ending(EXIT_LIMIT);
    return ending == null ? "it does not end" : "ended by " + ending;
  }

  /** Asks it to end by closing its connections, and kills it if it does not or was broken. */
  @Override
  public void close() {
    connections.forEach(WorkerConnection::close);
    if (retired) {
      var unused = process.ending(GOOD_BYE_LIMIT);
    }
    process.close();
    WorkerDirectories.remove(directory);
  }
}
