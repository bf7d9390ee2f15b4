package io.salver.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.LoadedModel;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PredictRequestTest {
  private static final Signature SIGNATURE = new Signature("s", "", List.of(), List.of());
  private static final ModelLease LEASE =
      new ModelLease() {
        @Override
        public ModelVersion version() {
          return new ModelVersion("m", 1);
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

  private final AtomicInteger actions = new AtomicInteger();
  private final Runnable action = actions::incrementAndGet;

  private static PredictRequest request(int priority, long queueTimeoutNs) {
    try (ArenaPool pool = new ArenaPool(1 << 20);
        TensorArena arena = pool.take()) {
      return new PredictRequest(
          LEASE,
          SIGNATURE,
          new Tensor[0],
          null,
          arena,
          0,
          Long.MAX_VALUE,
          priority,
          queueTimeoutNs);
    }
  }

  @Test
  void whatAwaitsCancellationIsToldOnce() {
    PredictRequest request = request(0, 0);
    assertThat(request.awaitCancel(action)).isTrue();
    assertThat(request.isCancelled()).isFalse();
    request.cancel();
    request.cancel();
    assertThat(actions).hasValue(1);
    assertThat(request.isCancelled()).isTrue();
    assertThat(request.endAwait(action)).isFalse();
  }

  @Test
  void whatWasTakenBackIsNotTold() {
    PredictRequest request = request(0, 0);
    assertThat(request.awaitCancel(action)).isTrue();
    assertThat(request.endAwait(action)).isTrue();
    request.cancel();
    assertThat(actions).hasValue(0);
    assertThat(request.isCancelled()).isTrue();
  }

  @Test
  void nothingAwaitsTheCancellationOfWhatIsCancelled() {
    PredictRequest request = request(0, 0);
    request.cancel();
    assertThat(request.awaitCancel(action)).isFalse();
    assertThat(actions).hasValue(0);
  }

  @Test
  void cancellingAndTakingBackAtOnceLeaveOneWinner() throws Exception {
    CyclicBarrier start = new CyclicBarrier(2);
    for (int i = 0; i < 2_000; i++) {
      PredictRequest request = request(0, 0);
      request.awaitCancel(action);
      actions.set(0);
      Thread canceller =
          Thread.ofPlatform()
              .start(() -> {
                await(start);
                request.cancel();
              });
      await(start);
      boolean taken = request.endAwait(action);
      canceller.join();
      assertThat(actions.get() + (taken ? 1 : 0)).as("round " + i).isEqualTo(1);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void negativePriorityAndTimeoutAreRefused() {
    assertThatThrownBy(() -> request(-1, 0))
        .hasMessage("priority: -1, queue timeout: 0 ns (expected: >= 0 each)");
    assertThatThrownBy(() -> request(0, -5)).hasMessageContaining("-5 ns");
  }
}
