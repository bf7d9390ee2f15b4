package io.salver.engine.process;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A worker's process, with what it prints in the log. Thread-safe.
 *
 * <p>The kernel ends it when the thread that started it ends, so that is one that outlives it.
 */
final class WorkerProcess implements AutoCloseable {
  private static final Logger LOG = System.getLogger(WorkerProcess.class.getName());
  private static final Duration CLEAN_UP_LIMIT = Duration.ofSeconds(10);
  private static final Duration END_LIMIT = Duration.ofSeconds(5);
  private static final Duration OUTPUT_LIMIT = Duration.ofMillis(200);

  private final Process process;
  private final WorkerLog log;
  private final Thread logThread;
  private final List<String> cleanUp;
  private final AtomicLong cpuNs = new AtomicLong();

  private WorkerProcess(Process process, WorkerLog log, Thread logThread, List<String> cleanUp) {
    this.process = process;
    this.log = log;
    this.logThread = logThread;
    this.cleanUp = cleanUp;
  }

  /**
   * Starts it in {@code directory}.
   *
   * @param onExit run once, by some thread, when it has ended
   */
  static WorkerProcess start(WorkerCommand command, Path directory, String name, Runnable onExit)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command.arguments())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    builder.environment().clear();
    builder.environment().putAll(command.environment());
    Process process = builder.start();
    try {
      WorkerLog log = new WorkerLog(process.getInputStream(), name);
      Thread logThread = Thread.ofPlatform().daemon().name("salver-worker-log-" + name).start(log);
      var unused = process.onExit().thenRun(onExit);
      return new WorkerProcess(process, log, logThread, command.cleanUp());
    } catch (RuntimeException | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /**
   * The CPU time that it has taken, without processes that it has started; the last that was seen,
   * once it has ended.
   */
  long cpuNs() {
    long nowNs = process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    return cpuNs.accumulateAndGet(nowNs, Math::max);
  }

  /** How it ended, in words, if it does so within {@code limit}; otherwise null. */
  @Nullable String ending(Duration limit) {
    try {
      return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)
          ? ProcessTools.ending(process.exitValue())
          : null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /** The last lines that it printed. */
  List<String> tail() {
    try {
      logThread.join(OUTPUT_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return log.tail();
  }

  /** Ends it at once, with what it has started. */
  void kill() {
    process.destroyForcibly();
    if (ProcessTools.hasGroups()) {
      ProcessTools.killGroup(process.pid());
    }
  }

  /** Kills it, and does what has to be done for it afterwards. */
  @Override
  public void close() {
    kill();
    try {
      if (!process.waitFor(END_LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.log(
            Level.WARNING,
            "Process {0} has not ended {1} ms after it was killed, and is left behind",
            Long.toString(process.pid()),
            Long.toString(END_LIMIT.toMillis()));
      }
      if (!cleanUp.isEmpty()) {
        Process cleaner =
            new ProcessBuilder(cleanUp)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!cleaner.waitFor(CLEAN_UP_LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
          cleaner.destroyForcibly();
        }
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "{0}: {1}", String.join(" ", cleanUp), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
