package io.salver.batching;

import io.salver.engine.LoadedModel;
import io.salver.lifecycle.VersionRunner;
import io.salver.model.ModelVersion;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Turn;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.MemoryBudget;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs the requests of one version, several at once where that is known to be the same as one by
 * one.
 *
 * <p>Two placements, chosen for each request by what the model's runs have taken so far. A request
 * that is expected to be quick is run inline, by the event loop that decoded it, with what else the
 * loop decodes in that turn: a hand-off would cost more than the run. Any other goes to the
 * version's {@link Instances}, so that a slow model cannot hold up an event loop; so do quick ones
 * when a turn has enough of them. What has never been measured counts as slow.
 */
public final class ModelRunner implements VersionRunner {
  /** How many times the inline bound the runs of one turn are expected to take at most. */
  private static final int TURN_BOUNDS = 4;

  private static final Duration PROBE_LIMIT = Duration.ofSeconds(5);
  private static final long BATCH_LIMIT_BYTES = 1L << 30;

  private final LoadedModel model;
  private final Batchability batchability;
  private final GroupRunner runner;
  private final Lanes lanes;
  private final Instances instances;
  private final long inlineBoundNs;
  private final long turnLimitNs;
  private final long maxRequestRows;
  private final boolean splits;

  private ModelRunner(
      ModelVersion version, LoadedModel model, RunnerConfig config, ArenaPool arenas) {
    BatchingOptions batching = config.batching();
    this.model = model;
    this.batchability = new Batchability(version, batching.mode());
    this.runner = new GroupRunner(version, model, batching, batchability);
    this.lanes = new Lanes(batching.padVariableLength());
    boolean inlined = model.isConcurrent() && model.workers() == 0;
    this.inlineBoundNs = inlined ? config.inlineBound().toNanos() : 0;
    this.turnLimitNs =
        inlineBoundNs > Long.MAX_VALUE / TURN_BOUNDS ? Long.MAX_VALUE : TURN_BOUNDS * inlineBoundNs;
    this.maxRequestRows =
        batching.maxRequestRows() == 0 ? Long.MAX_VALUE : batching.maxRequestRows();
    this.splits = batching.splitLargeRequests();
    this.instances = new Instances(version, runner, threads(model, config), config, arenas);
  }

  private static int threads(LoadedModel model, RunnerConfig config) {
    if (!model.isConcurrent()) {
      return 1;
    }
    return model.workers() > 0 ? model.workers() : config.instances();
  }

  /** Makes runners with one configuration, and memory for batches that nothing bounds together. */
  public static VersionRunner.Factory factory(RunnerConfig config) {
    return factory(_ -> config, BATCH_LIMIT_BYTES, MemoryBudget.UNLIMITED);
  }

  /**
   * Makes runners.
   *
   * @param configs what each version is run with
   * @param batchLimitBytes the most memory that the tensors of one batch may take
   * @param budget what the memory of all batches is taken from
   */
  public static VersionRunner.Factory factory(
      Function<ModelVersion, RunnerConfig> configs, long batchLimitBytes, MemoryBudget budget) {
    return (version, model) ->
        new ModelRunner(
            version, model, configs.apply(version), ArenaPool.shared(batchLimitBytes, budget));
  }

  /** What is known of which requests may share a run. */
  Batchability batchability() {
    return batchability;
  }

  LoadedModel model() {
    return model;
  }

  @Override
  public void predict(PredictRequest request, Reply reply) {
    ServingException refusal = refusal(request);
    if (refusal != null) {
      reply.failed(request, refusal);
      return;
    }
    long inputBytes = InputBytes.of(request);
    boolean shares = batchability.allows(request);
    if (!runInline(request, reply, inputBytes, shares)) {
      instances.add(request, reply, inputBytes, shares);
    }
  }

  private @Nullable ServingException refusal(PredictRequest request) {
    return request.rows() > maxRequestRows && !splits
        ? ServingException.invalid(
            "batch size: " + request.rows() + " rows (expected: at most " + maxRequestRows + ")")
        : null;
  }

  private boolean runInline(PredictRequest request, Reply reply, long inputBytes, boolean shares) {
    long expectedNs = runner.runTime().expectNs(inputBytes);
    if (expectedNs >= inlineBoundNs) {
      return false;
    }
    Turn turn = request.turn();
    if (turn != null && shares) {
      return addTo(turn, request, reply, inputBytes);
    }
    if (turn != null && !turn.plan(expectedNs, turnLimitNs)) {
      return false;
    }
    Group alone = new Group();
    alone.add(request, reply, inputBytes);
    alone.start(System.nanoTime());
    runner.run(alone, request.arena()::sibling);
    return true;
  }

  private boolean addTo(Turn turn, PredictRequest request, Reply reply, long inputBytes) {
    TurnBatch waiting = (TurnBatch) turn.waiting(this);
    if (waiting != null) {
      return waiting.add(request, reply, inputBytes, turn, turnLimitNs);
    }
    TurnBatch batch = new TurnBatch(runner, lanes, inlineBoundNs);
    if (!batch.add(request, reply, inputBytes, turn, turnLimitNs)) {
      return false;
    }
    turn.atEnd(this, batch);
    return true;
  }

  /** Finds out whether requests may share runs; nobody else runs the model yet. */
  @Override
  public void warmed() {
    new BatchProbe(PROBE_LIMIT).probe(model, batchability);
  }

  @Override
  public RunStatistics statistics() {
    return runner.statistics();
  }

  @Override
  public void close() {
    instances.close();
  }
}
