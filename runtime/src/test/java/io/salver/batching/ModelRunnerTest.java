package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.lifecycle.VersionRunner;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorArena;
import io.salver.testkit.HalfPlusTwo;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelRunnerTest {
  private static final ModelVersion VERSION = new ModelVersion("half_plus_two", 1);

  private final ArenaPool pool = new ArenaPool(1 << 20);

  @AfterEach
  void closePool() {
    pool.close();
  }

  /** Half plus two that does something first. */
  private record Scripted(
      HalfPlusTwo model, boolean isConcurrent, int workers, Consumer<Batch> first)
      implements LoadedModel {
    @Override
    public Map<String, Signature> signatures() {
      return model.signatures();
    }

    @Override
    public void run(Batch batch) {
      first.accept(batch);
      model.run(batch);
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public void close() {
      model.close();
    }
  }

  private static LoadedModel scripted(Consumer<Batch> first) {
    return new Scripted(new HalfPlusTwo(), true, 0, first);
  }

  private static RunnerConfig config(int instances, int maxQueued, Duration inlineBound) {
    return new RunnerConfig(
        instances,
        maxQueued,
        inlineBound,
        BatchingOptions.DEFAULT,
        new AdmissionOptions(Duration.ZERO, false, 1));
  }

  private TestRequests.Answer predict(VersionRunner runner, LoadedModel model, long deadlineNs) {
    TestRequests.Answer answer = new TestRequests.Answer();
    TensorArena arena = pool.take();
    runner.predict(
        TestRequests.of(arena, new TestRequests.Lease(model, runner), deadlineNs, 3f), answer);
    return answer;
  }

  @Test
  void aModelThatWasNeverMeasuredDoesNotRunOnTheCallersThread() throws Exception {
    LoadedModel model = new HalfPlusTwo();
    try (VersionRunner runner =
        ModelRunner.factory(config(1, 10, Duration.ofDays(1))).create(VERSION, model)) {
      TestRequests.Answer answer = predict(runner, model, Long.MAX_VALUE);
      assertThat(answer.get()).isEqualTo(3.5f);
      assertThat(answer.thread()).isNotSameAs(Thread.currentThread());
    }
  }

  @Test
  void aModelThatProvedQuickRunsOnTheCallersThread() throws Exception {
    LoadedModel model = new HalfPlusTwo();
    try (VersionRunner runner =
        ModelRunner.factory(config(1, 10, Duration.ofDays(1))).create(VERSION, model)) {
      predict(runner, model, Long.MAX_VALUE).get();
      TestRequests.Answer answer = predict(runner, model, Long.MAX_VALUE);
      assertThat(answer.isDone()).isTrue();
      assertThat(answer.thread()).isSameAs(Thread.currentThread());
      assertThat(answer.get()).isEqualTo(3.5f);
    }
  }

  @Test
  void aModelThatIsNotConcurrentNeverRunsTwiceAtOnce() throws Exception {
    java.util.concurrent.atomic.AtomicInteger running =
        new java.util.concurrent.atomic.AtomicInteger();
    LoadedModel model =
        new Scripted(
            new HalfPlusTwo(),
            false,
            0,
            batch -> {
              if (running.incrementAndGet() > 1) {
                throw new AssertionError("two at once");
              }
              Thread.yield();
              running.decrementAndGet();
            });
    try (VersionRunner runner =
        ModelRunner.factory(config(4, 1_000, Duration.ofDays(1))).create(VERSION, model)) {
      java.util.List<TestRequests.Answer> answers = new java.util.ArrayList<>();
      for (int i = 0; i < 500; i++) {
        answers.add(predict(runner, model, Long.MAX_VALUE));
      }
      for (TestRequests.Answer answer : answers) {
        assertThat(answer.get()).isEqualTo(3.5f);
      }
    }
  }

  @Test
  void aModelWithWorkersHasAThreadForEachAndNeverRunsOnTheCallersHoweverQuickItIs()
      throws Exception {
    CountDownLatch three = new CountDownLatch(3);
    LoadedModel model =
        new Scripted(
            new HalfPlusTwo(),
            true,
            3,
            batch -> {
              three.countDown();
              await(three);
            });
    try (VersionRunner runner =
        ModelRunner.factory(config(1, 10, Duration.ofDays(1))).create(VERSION, model)) {
      for (int round = 0; round < 2; round++) {
        java.util.List<TestRequests.Answer> answers = new java.util.ArrayList<>();
        for (int i = 0; i < 3; i++) {
          answers.add(predict(runner, model, Long.MAX_VALUE));
        }
        for (TestRequests.Answer answer : answers) {
          assertThat(answer.get()).isEqualTo(3.5f);
          assertThat(answer.thread()).isNotSameAs(Thread.currentThread());
        }
      }
    }
  }

  @Test
  void aFullQueueIsRefusedAtOnceWithItsState() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    LoadedModel model =
        scripted(batch -> {
          running.countDown();
          await(go);
        });
    try (VersionRunner runner =
        ModelRunner.factory(config(1, 2, Duration.ZERO)).create(VERSION, model)) {
      TestRequests.Answer first = predict(runner, model, Long.MAX_VALUE);
      running.await();
      TestRequests.Answer second = predict(runner, model, Long.MAX_VALUE);
      TestRequests.Answer third = predict(runner, model, Long.MAX_VALUE);
      ServingException refusal = predict(runner, model, Long.MAX_VALUE).failure();
      assertThat(refusal.category()).isEqualTo(Category.UNAVAILABLE);
      assertThat(refusal)
          .message()
          .startsWith("queue of half_plus_two/1: 2 of 2 requests (2 rows) wait for 1 instances")
          .endsWith(" us (expected: fewer requests, or rows)");
      go.countDown();
      assertThat(first.get() + second.get() + third.get()).isEqualTo(10.5f);
    }
  }

  @Test
  void aRequestThatWaitedBeyondItsDeadlineIsDroppedBeforeItCostsARun() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    java.util.concurrent.atomic.AtomicInteger runs =
        new java.util.concurrent.atomic.AtomicInteger();
    LoadedModel model =
        scripted(batch -> {
          runs.incrementAndGet();
          running.countDown();
          await(go);
        });
    try (VersionRunner runner =
        ModelRunner.factory(config(1, 10, Duration.ZERO)).create(VERSION, model)) {
      TestRequests.Answer first = predict(runner, model, Long.MAX_VALUE);
      running.await();
      TestRequests.Answer late = predict(runner, model, System.nanoTime() - 1);
      go.countDown();
      assertThat(late.failure().category()).isEqualTo(Category.DEADLINE_EXCEEDED);
      assertThat(first.get()).isEqualTo(3.5f);
      assertThat(runs).hasValue(1);
    }
  }

  @Test
  void whateverAModelThrowsIsAnAnswer() {
    LoadedModel refuses =
        scripted(batch -> {
          throw ServingException.invalid("x: 3 (expected: 4)");
        });
    LoadedModel breaks =
        scripted(batch -> {
          throw new IllegalStateException("broken");
        });
    LoadedModel greedy = scripted(batch -> batch.arena().allocate(1L << 40));
    assertThat(failure(refuses).category()).isEqualTo(Category.INVALID_ARGUMENT);
    assertThat(failure(breaks).category()).isEqualTo(Category.INTERNAL);
    assertThat(failure(breaks))
        .hasMessageContaining("half_plus_two/1")
        .hasMessageContaining("broken");
    assertThat(failure(greedy).category()).isEqualTo(Category.INVALID_ARGUMENT);
  }

  @Test
  void quickRefusalsDoNotMakeASlowModelLookQuick() {
    LoadedModel refuses =
        scripted(batch -> {
          throw ServingException.invalid("x: 3 (expected: 4)");
        });
    try (VersionRunner runner =
        ModelRunner.factory(config(1, 10, Duration.ofDays(1))).create(VERSION, refuses)) {
      for (int i = 0; i < 10; i++) {
        TestRequests.Answer answer = predict(runner, refuses, Long.MAX_VALUE);
        answer.failure();
        assertThat(answer.thread()).isNotSameAs(Thread.currentThread());
      }
    }
  }

  private ServingException failure(LoadedModel model) {
    try (VersionRunner runner =
        ModelRunner.factory(config(1, 10, Duration.ZERO)).create(VERSION, model)) {
      return predict(runner, model, Long.MAX_VALUE).failure();
    }
  }

  @Test
  void queueAndRunAreTimed() throws Exception {
    LoadedModel model = new HalfPlusTwo();
    try (VersionRunner runner =
            ModelRunner.factory(config(1, 10, Duration.ZERO)).create(VERSION, model);
        TensorArena arena = pool.take()) {
      var request =
          TestRequests.of(arena, new TestRequests.Lease(model, runner), Long.MAX_VALUE, 1f);
      TestRequests.Answer answer = new TestRequests.Answer();
      runner.predict(request, answer);
      answer.get();
      assertThat(request.stageNs(Stage.QUEUE)).isPositive();
      assertThat(request.stageNs(Stage.RUN)).isPositive();
      assertThat(request.stageNs(Stage.BATCH)).isZero();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void tellsHowMuchOfALongRunIsCpuTimeOfItsThread() {
    ThreadCpu.enable();
    LoadedModel model =
        scripted(batch -> {
          long untilNs = System.nanoTime() + 2_000_000;
          while (System.nanoTime() < untilNs) {
            Thread.onSpinWait();
          }
        });
    try (VersionRunner runner =
        ModelRunner.factory(config(1, 10, Duration.ofDays(1))).create(VERSION, model)) {
      assertThat(predict(runner, model, Long.MAX_VALUE).failure()).isNull();
      RunStatistics runs = runner.statistics();

      assertThat(runs.measuredNs())
          .isGreaterThanOrEqualTo(2_000_000)
          .isLessThanOrEqualTo(runs.runNs());
      assertThat(runs.measuredCpuNs())
          .isPositive()
          .isLessThanOrEqualTo(runs.measuredNs() + 100_000);
    }
  }
}
