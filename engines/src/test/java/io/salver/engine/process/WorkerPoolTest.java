package io.salver.engine.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Batch;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.engine.process.BrokenWorkerException.Fault;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that say nothing, and connections that are made up. */
@Timeout(60)
class WorkerPoolTest {
  private static final List<String> STAYS = List.of("tail", "-f", "/dev/null");
  private static final List<String> ENDS = List.of("true");
  private static final Signature NOTHING =
      new Signature(Signature.DEFAULT_NAME, "", List.of(), List.of());

  private final WorkerDirectories directories = new WorkerDirectories();
  private final ArenaPool arenas = new ArenaPool(1 << 20);

  @TempDir Path version;

  @AfterEach
  void close() {
    directories.close();
    arenas.close();
  }

  /** Gets its connections once a process has been started. */
  @FunctionalInterface
  private interface Connect {
    List<WorkerConnection> connect(BooleanSupplier alive) throws BrokenWorkerException;
  }

  private static final class Connection implements WorkerConnection {
    private final AtomicInteger pings = new AtomicInteger();
    private Runnable run = () -> {};
    private Runnable close = () -> {};

    @Override
    public WorkerDescription description() {
      return new WorkerDescription(List.of(NOTHING), 0, Map.of());
    }

    @Override
    public void run(Batch batch, int signature, long untilNs) {
      run.run();
    }

    @Override
    public void ping(long untilNs) {
      pings.incrementAndGet();
    }

    @Override
    public void close() {
      close.run();
    }
  }

  private WorkerPool start(List<String> command, Backoff backoff, Connect connect)
      throws ModelLoadException {
    WorkerProtocol protocol =
        place ->
            new WorkerProtocol.Expected() {
              @Override
              public List<WorkerConnection> connect(long untilNs, BooleanSupplier alive)
                  throws BrokenWorkerException {
                return connect.connect(alive);
              }

              @Override
              public void close() {}
            };
    WorkerSpec spec = WorkerSpec.DEFAULT.withCommand(command);
    return WorkerPool.start(
        new WorkerLauncher(spec, protocol, new ModelFiles(version), directories), backoff);
  }

  private static void run(WorkerPool pool, TensorArena arena) {
    pool.run(new Batch(NOTHING, new Tensor[0], null, arena, Long.MAX_VALUE), 0);
  }

  private static void runUntilRefused(WorkerPool pool, TensorArena arena) {
    while (true) {
      run(pool, arena);
    }
  }

  @Test
  void aWorkerThatIsNeverReadyIsHeldBackHoweverLongItTakesToSaySo() throws Exception {
    AtomicInteger starts = new AtomicInteger();
    Backoff backoff = new Backoff(Duration.ofDays(1), Duration.ofDays(1), Duration.ofNanos(1));
    Connect onlyOnce =
        alive -> {
          if (starts.getAndIncrement() > 0) {
            throw new BrokenWorkerException(Fault.GONE, "not again");
          }
          return List.of(new Connection());
        };
    try (WorkerPool pool = start(ENDS, backoff, onlyOnce);
        TensorArena arena = arenas.take()) {
      assertThatThrownBy(() -> runUntilRefused(pool, arena))
          .hasMessageContaining("; 2 times in a row; started again in ")
          .extracting(e -> ((ServingException) e).category())
          .isEqualTo(Category.UNAVAILABLE);
      assertThat(starts).hasValue(2);
    }
  }

  @Test
  void anErrorIsToldToWhoeverLoadsTheModelAndEndsTheProcess() {
    AtomicReference<BooleanSupplier> process = new AtomicReference<>();
    Connect fails =
        alive -> {
          process.set(alive);
          throw new OutOfMemoryError("no thread");
        };
    assertThatThrownBy(() -> start(STAYS, Backoff.DEFAULT, fails))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("no thread");
    assertThat(process.get().getAsBoolean()).isFalse();
  }

  @Test
  void requestsDoNotWaitForABrokenWorkerThatDoesNotEnd() throws Exception {
    CountDownLatch mayEnd = new CountDownLatch(1);
    Connection stuck = new Connection();
    stuck.close = () -> assertThatNoException().isThrownBy(mayEnd::await);
    try (WorkerPool pool = start(ENDS, Backoff.DEFAULT, alive -> List.of(stuck));
        TensorArena arena = arenas.take()) {
      try {
        assertThatThrownBy(() -> runUntilRefused(pool, arena))
            .hasMessageContaining("not yet ready, ")
            .extracting(e -> ((ServingException) e).category())
            .isEqualTo(Category.UNAVAILABLE);
      } finally {
        mayEnd.countDown();
      }
    }
  }

  @Test
  void aWorkerIsNotAskedWhetherItIsThereWhileItRunsOnAnyConnection() throws Exception {
    try (WorkerPool pool = start(STAYS, Backoff.DEFAULT, alive -> List.of(new Connection()));
        TensorArena arena = arenas.take()) {
      Connection quiet = new Connection();
      Connection busy = new Connection();
      try (RunningWorker worker = worker(List.of(quiet, busy))) {
        AtomicInteger runs = new AtomicInteger();
        busy.run =
            () -> {
              runs.incrementAndGet();
              pool.ping(worker);
            };
        pool.add(0, worker);
        run(pool, arena);
        assertThat(runs).hasValue(1);
        assertThat(quiet.pings.get() + busy.pings.get()).isZero();
        pool.ping(worker);
        assertThat(quiet.pings.get() + busy.pings.get()).isEqualTo(1);
        pool.remove(0, worker);
      }
    }
  }

  private RunningWorker worker(List<WorkerConnection> connections) throws Exception {
    Path directory = directories.create();
    WorkerProcess process =
        WorkerProcess.start(
            new WorkerCommand(STAYS, Map.of(), List.of()), directory, "w", () -> {});
    return new RunningWorker("w", process, connections, directory, new CountDownLatch(1));
  }
}
