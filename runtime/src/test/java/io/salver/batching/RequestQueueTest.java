package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.predict.PredictRequest;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestQueueTest {
  private static final BatchingOptions OPTIONS = BatchingOptions.DEFAULT;

  private final ArenaPool pool = new ArenaPool(1 << 20);
  private final TensorArena arena = pool.take();
  private final List<Queued> taken = new ArrayList<>();
  private final List<Queued> late = new ArrayList<>();

  @AfterEach
  void closePool() {
    arena.close();
    pool.close();
  }

  private static BatchingOptions options(Duration timeout, int levels, int defaultLevel) {
    return new BatchingOptions(
        OPTIONS.mode(),
        OPTIONS.policy(),
        0,
        0,
        false,
        timeout,
        10,
        List.of(),
        false,
        levels,
        defaultLevel,
        Duration.ZERO);
  }

  private Queued request(long queuedNs, long rows, long columns) {
    return request(queuedNs, rows, columns, 0, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  private Queued request(
      long queuedNs, long rows, long columns, int priority, long deadlineNs, long timeoutNs) {
    Tensor x = arena.allocate(DType.FLOAT32, Shape.of(rows, columns));
    PredictRequest request =
        new PredictRequest(
            new TestRequests.Lease(new RowModel(), (r, reply) -> {}),
            RowModel.NUMBERS,
            new Tensor[] {x, null},
            null,
            arena,
            0,
            deadlineNs,
            priority,
            0);
    return new Queued(request, new TestRequests.Answer(), 0, queuedNs, timeoutNs, q -> {});
  }

  private List<Queued> take(RequestQueue queue, long nowNs, long runRows) {
    taken.clear();
    queue.take(nowNs, runRows, runRows, taken, late);
    return taken;
  }

  @Test
  void theOldestRunsFirstWithWhatItsLaneHoldsUpToTheRowsOfARun() {
    RequestQueue queue = new RequestQueue(OPTIONS, 100);
    Queued a = request(0, 2, 3);
    Queued other = request(1, 1, 5);
    Queued b = request(2, 2, 3);
    Queued c = request(3, 1, 3);
    List.of(a, other, b, c).forEach(q -> queue.add(q, true));
    assertThat(take(queue, 10, 4)).containsExactly(a, b);
    assertThat(take(queue, 10, 4)).containsExactly(other);
    assertThat(take(queue, 10, 4)).containsExactly(c);
    assertThat(take(queue, 10, 4)).isEmpty();
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.rows()).isZero();
  }

  @Test
  void aRequestThatMayNotShareRunsAloneInItsTurn() {
    RequestQueue queue = new RequestQueue(OPTIONS, 100);
    Queued a = request(0, 1, 3);
    Queued alone = request(1, 1, 3);
    Queued b = request(2, 1, 3);
    queue.add(alone, false);
    queue.add(a, true);
    queue.add(b, true);
    assertThat(take(queue, 10, 4)).containsExactly(alone);
    assertThat(take(queue, 10, 4)).containsExactly(a, b);
  }

  @Test
  void aRequestWithMoreRowsThanARunRunsAlone() {
    RequestQueue queue = new RequestQueue(OPTIONS, 100);
    Queued large = request(0, 9, 3);
    Queued small = request(1, 1, 3);
    queue.add(large, true);
    queue.add(small, true);
    assertThat(take(queue, 10, 4)).containsExactly(large);
    assertThat(take(queue, 10, 4)).containsExactly(small);
  }

  @Test
  void higherPrioritiesRunFirstAndLowerOnesFillTheirRun() {
    RequestQueue queue = new RequestQueue(options(Duration.ZERO, 3, 2), 100);
    Queued low = request(0, 1, 3, 3, Long.MAX_VALUE, Long.MAX_VALUE);
    Queued byDefault = request(1, 1, 3);
    Queued unknown = request(2, 1, 3, 99, Long.MAX_VALUE, Long.MAX_VALUE);
    Queued high = request(3, 1, 3, 1, Long.MAX_VALUE, Long.MAX_VALUE);
    Queued otherLane = request(4, 1, 7, 1, Long.MAX_VALUE, Long.MAX_VALUE);
    List.of(low, byDefault, unknown, high, otherLane).forEach(q -> queue.add(q, true));
    assertThat(take(queue, 10, 3)).containsExactly(high, byDefault, unknown);
    assertThat(take(queue, 10, 3)).containsExactly(otherLane);
    assertThat(take(queue, 10, 3)).containsExactly(low);
  }

  @Test
  void whatIsLateIsTakenOutAndNotRun() {
    RequestQueue queue = new RequestQueue(OPTIONS, 100);
    Queued pastDeadline = request(0, 1, 3, 0, 5, Long.MAX_VALUE);
    Queued inTime = request(1, 1, 3, 0, 11, Long.MAX_VALUE);
    Queued timedOut = request(2, 1, 3, 0, Long.MAX_VALUE, 8);
    Queued last = request(3, 1, 3);
    List.of(pastDeadline, inTime, timedOut, last).forEach(q -> queue.add(q, true));
    assertThat(take(queue, 10, 8)).containsExactly(inTime, last);
    assertThat(late).containsExactly(pastDeadline, timedOut);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void withATimeoutALaneIsHeldBackUntilItIsFullOrOldEnough() {
    RequestQueue queue = new RequestQueue(options(Duration.ofNanos(100), 0, 0), 100);
    Queued a = request(1_000, 1, 3);
    Queued other = request(1_050, 1, 5);
    queue.add(a, true);
    queue.add(other, true);
    assertThat(take(queue, 1_099, 2)).isEmpty();
    assertThat(queue.readyNs()).isEqualTo(1_100);
    Queued filler = request(1_090, 1, 5);
    queue.add(filler, true);
    assertThat(take(queue, 1_099, 2)).containsExactly(other, filler);
    assertThat(take(queue, 1_100, 2)).containsExactly(a);
    assertThat(queue.readyNs()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void withATimeoutARequestThatMayNotShareIsNotHeldBack() {
    RequestQueue queue = new RequestQueue(options(Duration.ofNanos(100), 0, 0), 100);
    Queued alone = request(1_000, 1, 3);
    queue.add(alone, false);
    assertThat(take(queue, 1_001, 2)).containsExactly(alone);
  }

  @Test
  void whatWasRemovedFreesItsPlace() {
    RequestQueue queue = new RequestQueue(options(Duration.ZERO, 0, 0), 2);
    Queued a = request(0, 4, 3);
    Queued b = request(1, 6, 3);
    queue.add(a, true);
    assertThat(queue.isFull(6)).isFalse();
    assertThat(queue.isFull(7)).as("10 rows at most").isTrue();
    queue.add(b, true);
    assertThat(queue.isFull(0)).as("2 requests at most").isTrue();
    assertThat(queue.oldestNs()).isZero();
    assertThat(queue.remove(a)).isTrue();
    assertThat(queue.remove(a)).isFalse();
    assertThat(queue.isFull(4)).isFalse();
    assertThat(queue.oldestNs()).isEqualTo(1);
    assertThat(take(queue, 10, 8)).containsExactly(b);
  }

  @Test
  void anEmptyQueueTakesARequestOfAnySize() {
    RequestQueue queue = new RequestQueue(options(Duration.ZERO, 0, 0), 2);
    assertThat(queue.isFull(1_000_000)).isFalse();
  }
}
