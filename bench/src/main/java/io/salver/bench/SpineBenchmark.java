package io.salver.bench;

import io.salver.batching.ModelRunner;
import io.salver.batching.RunnerConfig;
import io.salver.batching.Spine;
import io.salver.batching.ThreadCpu;
import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.lifecycle.VersionRunner;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A request's way through the spine and back, with nothing in it but the spine: all stages are
 * timed, the model gives its input as its output, and nothing is decoded or encoded.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpineBenchmark {
  private static final Signature SIGNATURE =
      new Signature(
          Signature.DEFAULT_NAME,
          "",
          List.of(TensorSpec.of("x", DType.FLOAT32, Shape.of(-1))),
          List.of(TensorSpec.of("y", DType.FLOAT32, Shape.of(-1))));
  private static final ModelVersion VERSION = new ModelVersion("identity", 1);

  /** Whether the CPU time of some runs is measured, as a server does. */
  @Param({"false", "true"})
  public boolean measuresCpu;

  private final ArenaPool arenas = new ArenaPool(1 << 20);
  private final Identity model = new Identity();
  private final VersionRunner runner =
      ModelRunner.factory(new RunnerConfig(1, 10, Duration.ofDays(1))).create(VERSION, model);
  private final ModelLease lease = new FixedLease(model, runner);
  private final Spine spine = new Spine(10);
  private final LastAnswer answer = new LastAnswer();

  /** Gives back what it gets. */
  private static final class Identity implements LoadedModel {
    @Override
    public Map<String, Signature> signatures() {
      return Map.of(SIGNATURE.name(), SIGNATURE);
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void run(Batch batch) {
      Tensor x = batch.input(0);
      if (x != null) {
        batch.setOutput(0, x);
      }
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public void close() {}
  }

  private record FixedLease(LoadedModel model, Predictor predictor) implements ModelLease {
    @Override
    public ModelVersion version() {
      return VERSION;
    }

    @Override
    public void close() {}
  }

  /** Keeps the last request that was answered. */
  private static final class LastAnswer implements Reply {
    private volatile long answered;

    @Override
    public void succeeded(PredictRequest request) {
      request.mark(Stage.ENCODE);
      answered = request.output(0).elementCount();
    }

    @Override
    public void failed(PredictRequest request, ServingException failure) {
      throw failure;
    }
  }

  /** Teaches the runner that the model is quick: the first request goes to a thread of its own. */
  @Setup
  public void warm() {
    if (measuresCpu) {
      ThreadCpu.enable();
    }
    answer.answered = 0;
    long unused = predict();
    while (answer.answered == 0) {
      Thread.onSpinWait();
    }
  }

  @TearDown
  public void close() {
    runner.close();
    arenas.close();
  }

  /** One request of four floats, from its arena to its answer. */
  @Benchmark
  public long predict() {
    try (TensorArena arena = arenas.take()) {
      Tensor x = arena.allocate(DType.FLOAT32, Shape.of(4));
      PredictRequest request =
          new PredictRequest(
              lease, SIGNATURE, new Tensor[] {x}, null, arena, System.nanoTime(), Long.MAX_VALUE);
      request.mark(Stage.DECODE);
      spine.predict(request, answer);
      return answer.answered;
    }
  }
}
