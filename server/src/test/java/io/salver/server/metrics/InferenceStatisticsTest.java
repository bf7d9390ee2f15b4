package io.salver.server.metrics;

import static io.salver.server.metrics.FakeServedModels.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.salver.engine.LoadedModel;
import io.salver.lifecycle.VersionState;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import io.salver.server.metrics.InferenceStatistics.Counts;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.HalfPlusTwo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InferenceStatisticsTest {
  private static final ServingException FAILURE = ServingException.invalid("no");
  private static final Signature WITHOUT_ROWS =
      new Signature("s", "", List.of(TensorSpec.of("x", DType.FLOAT32, Shape.of(16))), List.of());

  private final FakeServedModels served = new FakeServedModels();
  private final AtomicLong nowMs = new AtomicLong(1_000);
  private final InferenceStatistics statistics =
      new InferenceStatistics(served, System::nanoTime, nowMs::get);
  private final ArenaPool pool = new ArenaPool(1 << 20);
  private final TensorArena arena = pool.take();

  @BeforeEach
  void serveHalf() {
    served.set("half", "onnx", "", version(3, VersionState.AVAILABLE, ""));
  }

  @AfterEach
  void freeTheArena() {
    arena.close();
    pool.close();
  }

  /** A lease of one load of version 3, which is what its predictor stands for. */
  private static ModelLease lease(Predictor load) {
    return lease("half", load);
  }

  private static ModelLease lease(String name, Predictor load) {
    LoadedModel model = new HalfPlusTwo();
    return new ModelLease() {
      @Override
      public ModelVersion version() {
        return new ModelVersion(name, 3);
      }

      @Override
      public LoadedModel model() {
        return model;
      }

      @Override
      public Predictor predictor() {
        return load;
      }

      @Override
      public void close() {}
    };
  }

  private static Predictor load() {
    return new Predictor() {
      @Override
      public void predict(PredictRequest request, Reply reply) {}
    };
  }

  private PredictRequest request(ModelLease lease, Signature signature, long rows) {
    Tensor x = arena.allocate(DType.FLOAT32, Shape.of(rows));
    return new PredictRequest(
        lease, signature, new Tensor[] {x}, null, arena, System.nanoTime() - 1, Long.MAX_VALUE);
  }

  private void succeed(ModelLease lease, Signature signature, long rows, Stage... stages) {
    PredictRequest request = request(lease, signature, rows);
    for (Stage stage : stages) {
      request.mark(stage);
    }
    statistics.finished(request, null);
  }

  @Test
  void requestsAndRowsAreCountedAndTheirPartsAreTheirWholeTime() {
    ModelLease lease = lease(load());
    succeed(lease, HalfPlusTwo.SIGNATURE, 4, Stage.values());
    nowMs.set(2_000);
    succeed(lease, HalfPlusTwo.SIGNATURE, 6, Stage.values());
    Counts counts = statistics.counts(lease);
    assertThat(counts.success().count()).isEqualTo(2);
    assertThat(counts.rows()).isEqualTo(10);
    assertThat(counts.lastInferenceMs()).isEqualTo(2_000);
    assertThat(counts.computeInfer().count()).isEqualTo(2);
    assertThat(counts.fail().count()).isZero();
    assertThat(counts.cacheHit().count()).isZero();
    assertThat(
            counts.queue().ns()
                + counts.computeInput().ns()
                + counts.computeInfer().ns()
                + counts.computeOutput().ns())
        .isEqualTo(counts.success().ns())
        .isPositive();
  }

  @Test
  void aModelWithoutRowsCountsRequests() {
    ModelLease lease = lease(load());
    succeed(lease, WITHOUT_ROWS, 16, Stage.values());
    assertThat(statistics.counts(lease).rows()).isEqualTo(1);
  }

  @Test
  void whatWasNotRunWasAnsweredByTheCache() {
    ModelLease lease = lease(load());
    succeed(lease, HalfPlusTwo.SIGNATURE, 4, Stage.DECODE, Stage.QUEUE, Stage.ENCODE);
    Counts counts = statistics.counts(lease);
    assertThat(counts.success().count()).isEqualTo(1);
    assertThat(counts.cacheHit().count()).isEqualTo(1);
    assertThat(counts.computeInfer().count()).isZero();
    assertThat(counts.rows()).isZero();
  }

  @Test
  void failuresCountAsFailuresOnly() {
    ModelLease lease = lease(load());
    statistics.finished(request(lease, HalfPlusTwo.SIGNATURE, 4), FAILURE);
    Counts counts = statistics.counts(lease);
    assertThat(counts.fail().count()).isEqualTo(1);
    assertThat(counts.fail().ns()).isPositive();
    assertThat(counts.success().count()).isZero();
    assertThat(counts.rows()).isZero();
  }

  @Test
  void aVersionThatIsLoadedAnewBeginsAtNothingWhileLateRequestsOfTheOldOneEnd() {
    ModelLease old = lease(load());
    ModelLease fresh = lease(load());
    succeed(old, HalfPlusTwo.SIGNATURE, 1, Stage.values());
    assertThat(statistics.counts(fresh)).isEqualTo(Counts.NONE);
    succeed(fresh, HalfPlusTwo.SIGNATURE, 2, Stage.values());
    succeed(old, HalfPlusTwo.SIGNATURE, 1, Stage.values());
    succeed(fresh, HalfPlusTwo.SIGNATURE, 2, Stage.values());
    assertThat(statistics.counts(fresh).rows()).isEqualTo(4);
    assertThat(statistics.counts(old).rows()).isEqualTo(2);
  }

  @Test
  void versionsThatAreGoneAreForgottenWhenThereAreMany() {
    ModelLease first = lease("model_0", load());
    succeed(first, HalfPlusTwo.SIGNATURE, 1, Stage.values());
    for (int i = 1; i < 100; i++) {
      succeed(lease("model_" + i, load()), HalfPlusTwo.SIGNATURE, 1, Stage.values());
    }
    assertThat(statistics.counts(first)).isEqualTo(Counts.NONE);
  }

  @Test
  void noCountIsLostBetweenThreads() throws Exception {
    ModelLease lease = lease(load());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      PredictRequest request = request(lease, HalfPlusTwo.SIGNATURE, 3);
      for (Stage stage : Stage.values()) {
        request.mark(stage);
      }
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int n = 0; n < 10_000; n++) {
                  statistics.finished(request, null);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(statistics.counts(lease).success().count()).isEqualTo(40_000);
    assertThat(statistics.counts(lease).rows()).isEqualTo(120_000);
  }
}
