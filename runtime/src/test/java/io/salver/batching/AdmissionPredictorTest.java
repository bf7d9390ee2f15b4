package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Reply;
import io.salver.tensor.ArenaPool;
import io.salver.testkit.HalfPlusTwo;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdmissionPredictorTest {
  private final ArenaPool pool = new ArenaPool(1 << 20);
  private final Queue<Runnable> held = new ArrayDeque<>();

  /** Answers when the test says so. */
  private final Predictor holding =
      (PredictRequest request, Reply reply) -> held.add(() -> reply.succeeded(request));

  @AfterEach
  void closePool() {
    pool.close();
  }

  private TestRequests.Answer predict(Predictor admission, long deadlineNs, int floats) {
    TestRequests.Answer answer = new TestRequests.Answer();
    HalfPlusTwo model = new HalfPlusTwo();
    PredictRequest request =
        TestRequests.of(
            pool.take(), new TestRequests.Lease(model, holding), deadlineNs, new float[floats]);
    admission.predict(request, answer);
    return answer;
  }

  @Test
  void requestsBeyondTheLimitAreRefusedAndPlacesComeBack() {
    Predictor admission = new AdmissionPredictor(holding, 2);
    predict(admission, Long.MAX_VALUE, 1);
    predict(admission, Long.MAX_VALUE, 1);
    TestRequests.Answer refused = predict(admission, Long.MAX_VALUE, 1);
    assertThat(refused.failure().category()).isEqualTo(Category.RESOURCE_EXHAUSTED);
    assertThat(refused.failure())
        .hasMessage("overload: 3 requests in flight (expected: at most 2)");
    held.clear();
    Predictor fresh = new AdmissionPredictor((r, reply) -> reply.failed(r, overload()), 1);
    for (int i = 0; i < 100; i++) {
      assertThat(predict(fresh, Long.MAX_VALUE, 1).failure()).hasMessage("no");
    }
  }

  private static io.salver.predict.ServingException overload() {
    return new io.salver.predict.ServingException(Category.UNAVAILABLE, "no");
  }

  @Test
  void aRequestThatIsAlreadyLateIsRefused() {
    Predictor admission = new AdmissionPredictor(holding, 10);
    assertThat(predict(admission, System.nanoTime() - 1, 1).failure().category())
        .isEqualTo(Category.DEADLINE_EXCEEDED);
    assertThat(held).isEmpty();
  }
}
