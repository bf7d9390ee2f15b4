package io.salver.batching;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs requests of one lane and answers each of them exactly once.
 *
 * <p>One request runs in its own memory. Several are copied into an arena of the batch, and their
 * outputs are views of that arena, which is closed when the last of the requests' own arenas is: by
 * the thread that closes it. A batch that fails is halved and its halves are run, down to single
 * requests, so that a request can only fail by itself.
 *
 * <p>Thread-safe. What it learns is shared by all threads; racing updates may lose a sample, which
 * does no harm.
 */
final class GroupRunner {
  private static final Logger LOG = System.getLogger(GroupRunner.class.getName());

  private final ModelVersion version;
  private final Batchability batchability;
  private final RunSizes sizes;
  private final RunTimeEstimate runTime = new RunTimeEstimate();
  private final RunStatistics statistics = new RunStatistics();
  private final RunCpu cpu;
  private volatile BatchPolicy policy;

  GroupRunner(
      ModelVersion version, LoadedModel model, BatchingOptions options, Batchability batchability) {
    this.version = version;
    this.cpu = new RunCpu(model, statistics);
    this.batchability = batchability;
    this.sizes = new RunSizes(options);
    this.policy = options.policy();
  }

  RunTimeEstimate runTime() {
    return runTime;
  }

  RunStatistics statistics() {
    return statistics;
  }

  /** The most rows of a run of several requests. */
  long maxRows() {
    return sizes.limit(policy.maxRows());
  }

  /**
   * Runs {@code group} and answers its requests.
   *
   * @param arenas memory for a batch; closed by the thread that closes the last request's arena
   */
  void run(Group group, Supplier<TensorArena> arenas) {
    run(group, 0, group.size(), group.startNs(), arenas);
  }

  private void run(Group group, int from, int to, long startNs, Supplier<TensorArena> arenas) {
    int count = to - from;
    if (count == 0) {
      return;
    }
    PredictRequest first = group.request(from);
    if (count == 1 && runsAsItIs(first)) {
      runInPlace(group, from, startNs);
      return;
    }
    ServingException failure =
        sizes.isSplit(first.rows()) && count == 1
            ? runInParts(group, from)
            : runTogether(group, from, to, arenas);
    if (failure == null) {
      return;
    }
    if (count == 1) {
      group.reply(from).failed(first, failure);
    } else {
      int middle = from + to >>> 1;
      run(group, from, middle, System.nanoTime(), arenas);
      run(group, middle, to, System.nanoTime(), arenas);
    }
  }

  private boolean runsAsItIs(PredictRequest request) {
    return !batchability.allows(request)
        || sizes.padded(request.rows()) == request.rows() && !sizes.isSplit(request.rows());
  }

  private void runInPlace(Group group, int at, long startNs) {
    PredictRequest request = group.request(at);
    Batch batch =
        new Batch(
            request.signature(),
            request.inputs(),
            request.wanted(),
            request.arena(),
            request.deadlineNs());
    long inputBytes = InputBytes.of(request);
    ServingException failure = runModel(batch, inputBytes);
    long endNs = System.nanoTime();
    request.mark(Stage.RUN, endNs);
    if (failure != null) {
      group.reply(at).failed(request, failure);
      return;
    }
    ran(inputBytes, request.rows(), 1, 0, endNs - startNs, 0);
    request.setOutputs(batch);
    group.reply(at).succeeded(request);
  }

  /** What a run took; a refusal is quick, and says nothing of it. */
  private void ran(
      long inputBytes, long rows, int requests, long gatherNs, long runNs, long scatterNs) {
    runTime.add(inputBytes, runNs);
    statistics.ran(rows, requests, gatherNs, runNs, scatterNs);
    BatchPolicy before = policy;
    BatchPolicy after = before.ran(Math.max(1, rows), Math.max(0, runNs));
    if (after != before) {
      policy = after;
    }
  }

  private @Nullable ServingException runTogether(
      Group group, int from, int to, Supplier<TensorArena> arenas) {
    TensorArena arena;
    try {
      arena = arenas.get();
    } catch (OutOfMemoryError e) {
      return new ServingException(Category.RESOURCE_EXHAUSTED, "memory of a batch: " + e);
    }
    ServingException failure = runIn(arena, group, from, to);
    if (failure != null) {
      arena.close();
      return failure;
    }
    Lifetime lifetime = new Lifetime(arena, to - from);
    for (int i = from; i < to; i++) {
      group.request(i).arena().onClose(lifetime);
    }
    // The arena may be gone, and the model too, once the last of them is answered.
    for (int i = from; i < to; i++) {
      group.reply(i).succeeded(group.request(i));
    }
    return null;
  }

  private @Nullable ServingException runIn(TensorArena arena, Group group, int from, int to) {
    try {
      return runThere(arena, group, from, to);
    } catch (MemoryLimitException e) {
      return ServingException.of(e);
    } catch (OutOfMemoryError e) {
      return new ServingException(Category.RESOURCE_EXHAUSTED, "memory of a batch: " + e);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "A batch of " + version + " failed", e);
      return new ServingException(Category.INTERNAL, "batch of " + version + ": " + e, e);
    }
  }

  private @Nullable ServingException runThere(TensorArena arena, Group group, int from, int to) {
    long rows = group.rows(from, to);
    long runRows = sizes.padded(rows);
    long startNs = System.nanoTime();
    Batch batch = Gather.of(group, from, to, runRows, arena);
    long gatheredNs = System.nanoTime();
    long inputBytes = InputBytes.of(batch);
    ServingException failure = runModel(batch, inputBytes);
    long ranNs = System.nanoTime();
    if (failure == null) {
      failure = checkRows(batch, runRows);
    }
    if (failure != null) {
      return failure;
    }
    long at = 0;
    for (int i = from; i < to; i++) {
      PredictRequest request = group.request(i);
      request.mark(Stage.BATCH, gatheredNs);
      request.mark(Stage.RUN, ranNs);
      request.setOutputs(rows(batch, at, request.rows()));
      at += request.rows();
    }
    statistics.padded(runRows - rows);
    ran(
        inputBytes,
        rows,
        to - from,
        gatheredNs - startNs,
        ranNs - gatheredNs,
        System.nanoTime() - ranNs);
    return null;
  }

  private @Nullable ServingException checkRows(Batch batch, long runRows) {
    for (int i = 0; i < batch.signature().outputs().size(); i++) {
      if (batch.wants(i)) {
        Shape shape = batch.output(i).shape();
        if (shape.rank() == 0 || shape.dim(0) != runRows) {
          String name = batch.signature().outputs().get(i).name();
          String reason =
              "output \"" + name + "\": " + shape + " of " + runRows + " rows (expected: as many)";
          batchability.revoke(batch.signature(), reason);
          return new ServingException(Category.INTERNAL, reason);
        }
      }
    }
    return null;
  }

  private static @Nullable Tensor[] rows(Batch batch, long from, long count) {
    @Nullable Tensor[] outputs = new Tensor[batch.signature().outputs().size()];
    for (int i = 0; i < outputs.length; i++) {
      if (batch.wants(i)) {
        outputs[i] = batch.output(i).rows(from, count);
      }
    }
    return outputs;
  }

  /** Runs a request with too many rows in parts, one after the other, in its own memory. */
  private @Nullable ServingException runInParts(Group group, int at) {
    PredictRequest request = group.request(at);
    try {
      PartedRun run = new PartedRun(request, sizes);
      for (long row = 0; row < request.rows(); row += run.partRows(row)) {
        long startNs = System.nanoTime();
        Batch part = run.part(row);
        long gatheredNs = System.nanoTime();
        long inputBytes = InputBytes.of(part);
        ServingException failure = runModel(part, inputBytes);
        if (failure == null) {
          failure = checkRows(part, sizes.padded(run.partRows(row)));
        }
        if (failure != null) {
          return failure;
        }
        long ranNs = System.nanoTime();
        run.keep(part, row);
        boolean last = row + run.partRows(row) >= request.rows();
        statistics.padded(sizes.padded(run.partRows(row)) - run.partRows(row));
        ran(
            inputBytes,
            run.partRows(row),
            last ? 1 : 0,
            gatheredNs - startNs,
            ranNs - gatheredNs,
            System.nanoTime() - ranNs);
      }
      request.setOutputs(run.outputs());
    } catch (MemoryLimitException e) {
      return ServingException.of(e);
    }
    request.mark(Stage.RUN);
    group.reply(at).succeeded(request);
    return null;
  }

  private @Nullable ServingException runModel(Batch batch, long inputBytes) {
    try {
      cpu.run(batch, runTime.expectNs(inputBytes));
      return null;
    } catch (ServingException e) {
      return e;
    } catch (MemoryLimitException e) {
      return ServingException.of(e);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "Running " + version + " failed", e);
      return new ServingException(Category.INTERNAL, "model " + version + ": " + e, e);
    }
  }

  /** Closes a batch's arena when it has been run as often as the batch has users. */
  private static final class Lifetime implements Runnable {
    private final TensorArena arena;
    private final AtomicInteger users;

    Lifetime(TensorArena arena, int users) {
      this.arena = arena;
      this.users = new AtomicInteger(users);
    }

    @Override
    public void run() {
      if (users.decrementAndGet() == 0) {
        arena.close();
      }
    }
  }
}
