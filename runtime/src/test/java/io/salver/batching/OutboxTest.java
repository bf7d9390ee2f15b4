package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.predict.Turn;
import io.salver.tensor.ArenaPool;
import io.salver.testkit.HalfPlusTwo;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private final ArenaPool pool = new ArenaPool(1 << 20);
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final Queue<Runnable> otherTasks = new ArrayDeque<>();
  private final Turn loop = new Turn(tasks::add);
  private final Turn otherLoop = new Turn(otherTasks::add);
  private final Outbox outbox = new Outbox();

  @AfterEach
  void closePool() {
    pool.close();
  }

  private TestRequests.Answer refuse(@Nullable Turn turn) {
    PredictRequest request =
        TestRequests.of(
            pool.take(),
            new TestRequests.Lease(new HalfPlusTwo(), (r, reply) -> {}),
            Long.MAX_VALUE,
            1);
    if (turn != null) {
      request.setTurn(turn);
    }
    TestRequests.Answer answer = new TestRequests.Answer();
    outbox.to(answer).failed(request, new ServingException(Category.UNAVAILABLE, "no"));
    return answer;
  }

  @Test
  void answersGoToEachLoopInOneTask() {
    TestRequests.Answer first = refuse(loop);
    TestRequests.Answer second = refuse(otherLoop);
    TestRequests.Answer third = refuse(loop);
    assertThat(outbox.isEmpty()).isFalse();
    outbox.send();
    assertThat(outbox.isEmpty()).isTrue();
    assertThat(tasks).hasSize(1);
    assertThat(otherTasks).hasSize(1);
    assertThat(first.isDone()).isFalse();
    tasks.remove().run();
    assertThat(first.failure()).hasMessage("no");
    assertThat(third.failure()).hasMessage("no");
    assertThat(second.isDone()).isFalse();
    otherTasks.remove().run();
    assertThat(second.failure()).hasMessage("no");
  }

  @Test
  void whoHasNoLoopIsAnsweredAtOnce() {
    assertThat(refuse(null).isDone()).isTrue();
    assertThat(outbox.isEmpty()).isTrue();
  }

  @Test
  void answersOfALoopThatHasEndedAreGivenHere() {
    TestRequests.Answer answer =
        refuse(
            new Turn(task -> {
              throw new RejectedExecutionException();
            }));
    outbox.send();
    assertThat(answer.isDone()).isTrue();
  }

  @Test
  void answersAreNotHeldWhileSomethingLongIsDone() {
    refuse(loop);
    outbox.sendIfDue(System.nanoTime(), Outbox.MAX_HOLD_NS);
    assertThat(tasks).hasSize(1);
  }

  @Test
  void answersWaitForAnEighthOfWhatTheirRequestTook() {
    refuse(loop);
    long longAgoNs = System.nanoTime() - 1_000_000_000;
    outbox.sendIfDue(longAgoNs, Outbox.MAX_HOLD_NS - 1);
    assertThat(tasks).isEmpty();
    outbox.sendIfDue(System.nanoTime() + Outbox.MAX_HOLD_NS, 0);
    assertThat(tasks).hasSize(1);
    outbox.sendIfDue(System.nanoTime() + Outbox.MAX_HOLD_NS, 0);
    assertThat(tasks).hasSize(1);
  }
}
