package io.salver.bench;

import io.salver.engine.LoadedModel;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.Observer;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Stage;
import io.salver.server.metrics.Api;
import io.salver.server.metrics.MetricWriter;
import io.salver.server.metrics.PredictionMetrics;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to record a prediction that went through all five stages, and its request. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MetricsBenchmark {
  /** The metrics, shared by all threads as by all event loops. */
  @State(Scope.Benchmark)
  public static class Shared {
    final PredictionMetrics metrics = new PredictionMetrics(new OneModel(), System::nanoTime);
    final Observer observer = metrics.observer(Api.GRPC);
  }

  /** A request that is over, one for each thread. */
  @State(Scope.Thread)
  public static class Finished {
    private final ArenaPool pool = new ArenaPool(1 << 20);
    private final TensorArena arena = pool.take();
    private final Signature signature =
        new Signature(
            Signature.DEFAULT_NAME,
            "tensorflow/serving/predict",
            List.of(TensorSpec.of("x", DType.FLOAT32, Shape.of(-1))),
            List.of(TensorSpec.of("y", DType.FLOAT32, Shape.of(-1))));
    private final Tensor[] inputs = {arena.allocate(DType.FLOAT32, Shape.of(3))};
    final PredictRequest request =
        new PredictRequest(
            new OneModel().lease("half_plus_two", VersionSelector.LATEST),
            signature,
            inputs,
            null,
            arena,
            System.nanoTime(),
            Long.MAX_VALUE);

    /** Marks all stages. */
    @Setup
    public void mark() {
      for (Stage stage : Stage.values()) {
        request.mark(stage);
      }
    }

    /** Frees the arena. */
    @TearDown
    public void free() {
      arena.close();
      pool.close();
    }
  }

  @Benchmark
  public void recordOneThread(Shared shared, Finished finished) {
    record(shared, finished);
  }

  @Benchmark
  @Threads(2)
  public void recordTwoThreads(Shared shared, Finished finished) {
    record(shared, finished);
  }

  private static void record(Shared shared, Finished finished) {
    shared.observer.finished(finished.request, null);
  }

  @Benchmark
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  public String scrape(Shared shared, Finished finished) {
    record(shared, finished);
    MetricWriter out = new MetricWriter();
    shared.metrics.writeTo(out);
    return out.toString();
  }

  /** One version of one model, always available. */
  private static final class OneModel implements ServedModels {
    private static final ModelVersion VERSION = new ModelVersion("half_plus_two", 1);

    @Override
    public ModelLease lease(String model, VersionSelector selector) {
      return new ModelLease() {
        @Override
        public ModelVersion version() {
          return VERSION;
        }

        @Override
        public LoadedModel model() {
          throw new UnsupportedOperationException();
        }

        @Override
        public Predictor predictor() {
          throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public Optional<ModelStatus> status(String model) {
      return Optional.of(statuses().getFirst());
    }

    @Override
    public List<ModelStatus> statuses() {
      VersionStatus version = new VersionStatus(1, VersionState.AVAILABLE, null, "", Instant.EPOCH);
      return List.of(new ModelStatus(VERSION.model(), "onnx", List.of(version), Map.of(), ""));
    }

    @Override
    public boolean isReady() {
      return true;
    }
  }
}
