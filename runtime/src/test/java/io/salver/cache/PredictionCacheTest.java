package io.salver.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.LoadedModel;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Turn;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.NativeMemory;
import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PredictionCacheTest {
  private static final long MAX_BYTES = 1 << 20;
  private static final ServingException FULL =
      new ServingException(Category.UNAVAILABLE, "the queue is full");

  private final long nativeBefore = NativeMemory.liveBytes();
  private final ArenaPool pool = new ArenaPool(1 << 20);
  private final List<Call> calls = new ArrayList<>();
  private final HeldRunner runner = new HeldRunner();
  private PredictionCache cache = warm(MAX_BYTES, new InputHash(new Random(1)));

  private PredictionCache warm(long maxBytes, KeyHash hash) {
    PredictionCache made = new PredictionCache(runner, new CacheOptions(maxBytes), hash);
    made.warmed();
    return made;
  }

  @AfterEach
  void nothingIsLeft() {
    calls.forEach(call -> call.arena.close());
    pool.close();
    assertThat(NativeMemory.liveBytes()).isEqualTo(nativeBefore);
  }

  /** A request, what it is to be answered, and what it was. */
  private final class Call implements Reply {
    final TensorArena arena = pool.take();
    final PredictRequest request;
    final float[] numbers;
    @Nullable ServingException failure;
    int answers;

    Call(boolean @Nullable [] wanted, @Nullable String text, float... numbers) {
      this.numbers = numbers;
      Tensor x = arena.allocate(DType.FLOAT32, Shape.of(numbers.length));
      for (int i = 0; i < numbers.length; i++) {
        x.data().set(ValueLayout.JAVA_FLOAT, 4L * i, numbers[i]);
      }
      this.request =
          new PredictRequest(
              LEASE,
              HeldRunner.SIGNATURE,
              new Tensor[] {x, text == null ? null : string(text)},
              wanted,
              arena,
              System.nanoTime(),
              Long.MAX_VALUE);
      calls.add(this);
    }

    private Tensor string(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      StringTensorBuilder builder = new StringTensorBuilder(arena, 1, bytes.length);
      builder.add(bytes);
      return builder.build(Shape.SCALAR);
    }

    Call send() {
      cache.predict(request, this);
      return this;
    }

    @Override
    public void succeeded(PredictRequest answered) {
      assertThat(answered).isSameAs(request);
      answers++;
      if (request.wants(0)) {
        assertThat(request.output(0).shape()).isEqualTo(Shape.of(numbers.length));
        for (int i = 0; i < numbers.length; i++) {
          assertThat(request.output(0).getFloat(i)).isEqualTo(2 * numbers[i]);
        }
      }
      if (request.wants(1)) {
        assertThat(HeldRunner.text(request.output(1))).isEqualTo(HeldRunner.said(request));
      }
    }

    @Override
    public void failed(PredictRequest answered, ServingException failure) {
      assertThat(answered).isSameAs(request);
      answers++;
      this.failure = failure;
    }

    boolean succeeded() {
      return answers == 1 && failure == null;
    }
  }

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

  private Call send(float... numbers) {
    return new Call(null, "a", numbers).send();
  }

  private CacheStatistics statistics() {
    return cache.cacheStatistics().orElseThrow();
  }

  @Test
  void whatWasAnsweredIsAnsweredAgainWithoutARun() {
    assertThat(send(1, 2).succeeded()).isTrue();
    assertThat(send(1, 2).succeeded()).isTrue();
    assertThat(runner.runs).isEqualTo(1);
    assertThat(statistics())
        .satisfies(s -> {
          assertThat(s.hits()).isEqualTo(1);
          assertThat(s.misses()).isEqualTo(1);
          assertThat(s.entries()).isEqualTo(1);
          assertThat(s.bytes()).isBetween(100L, 2_000L);
          assertThat(s.hitNs()).isPositive();
          assertThat(s.missNs()).isPositive();
        });
  }

  @Test
  void whateverDiffersInOneBitIsRunEvenIfTheHashIsTheSame() {
    cache = warm(MAX_BYTES, request -> 7);
    List<Call> different =
        List.of(
            send(1, 2),
            send(1, Math.nextUp(2f)),
            send(1),
            send(0f),
            send(-0f),
            new Call(null, null, 1, 2).send(),
            new Call(null, "", 1, 2).send(),
            new Call(null, "b", 1, 2).send(),
            new Call(new boolean[] {true, false}, "a", 1, 2).send(),
            new Call(new boolean[] {true, true}, "a", 1, 2).send());
    assertThat(different).allMatch(Call::succeeded);
    assertThat(runner.runs).isEqualTo(different.size());
  }

  @Test
  void equalRequestsHaveEqualHashesAndOthersHardlyEver() {
    InputHash hash = new InputHash(new Random(3));
    Random random = new Random(4);
    java.util.Set<Integer> hashes = new java.util.HashSet<>();
    for (int i = 0; i < 500; i++) {
      float[] numbers = new float[random.nextInt(9)];
      for (int j = 0; j < numbers.length; j++) {
        numbers[j] = random.nextFloat();
      }
      String text = "t" + i;
      int first = hash.hash(new Call(null, text, numbers).request);
      assertThat(hash.hash(new Call(null, text, numbers).request)).isEqualTo(first);
      hashes.add(first);
    }
    assertThat(hashes).hasSizeGreaterThan(498);
  }

  @Test
  void equalRequestsShareTheRunThatIsUnderWay() {
    runner.hold = true;
    Call leader = send(1);
    Call follower = send(1);
    Call other = send(2);
    assertThat(runner.runs).isEqualTo(2);
    runner.answer();
    assertThat(leader.succeeded() && follower.succeeded()).isTrue();
    assertThat(other.answers).isZero();
    runner.answer();
    assertThat(other.succeeded()).isTrue();
    assertThat(statistics().coalesced()).isEqualTo(1);
    assertThat(statistics().misses()).isEqualTo(2);
  }

  @Test
  void aFailureThatIsAboutTheInputsIsShared() {
    runner.hold = true;
    Call leader = send(1);
    Call follower = send(1);
    runner.fail(ServingException.invalid("numbers: 1 (expected: 2)"));
    assertThat(leader.failure).hasMessage("numbers: 1 (expected: 2)");
    assertThat(follower.failure).isSameAs(leader.failure);
    assertThat(runner.runs).isEqualTo(1);
  }

  @Test
  void whoFollowedARunThatFailedForAnotherReasonGoesOnByItself() {
    runner.hold = true;
    Call leader = send(1);
    Call second = send(1);
    Call third = send(1);
    runner.fail(FULL);
    assertThat(leader.failure).isSameAs(FULL);
    assertThat(second.answers + third.answers).isZero();
    assertThat(runner.held).hasSize(1);
    runner.answer();
    assertThat(second.succeeded() && third.succeeded()).isTrue();
    assertThat(runner.runs).isEqualTo(2);
  }

  @Test
  void whoGoesOnByItselfDoesSoOnItsOwnLoop() {
    List<Runnable> loop = new ArrayList<>();
    runner.hold = true;
    send(1);
    Call onLoop = new Call(null, "a", 1);
    onLoop.request.setTurn(new Turn(loop::add));
    onLoop.send();
    Call onEndingLoop = new Call(null, "a", 1);
    onEndingLoop.request.setTurn(
        new Turn(task -> {
          throw new RejectedExecutionException();
        }));
    onEndingLoop.send();
    runner.fail(FULL);
    assertThat(runner.held).isEmpty();
    assertThat(onEndingLoop.failure).hasMessage("event loop: it is ending");
    loop.forEach(Runnable::run);
    runner.answer();
    assertThat(onLoop.succeeded()).isTrue();
  }

  @Test
  void aLeaderThatIsCancelledFailsNobodyElse() {
    runner.hold = true;
    Call leader = send(1);
    Call follower = send(1);
    runner.fail(new ServingException(Category.CANCELLED, "the caller went away"));
    assertThat(leader.failure).isNotNull();
    runner.answer();
    assertThat(follower.succeeded()).isTrue();
  }

  @Test
  void aFollowerThatIsCancelledIsAnsweredAtOnceAndOnce() {
    runner.hold = true;
    Call leader = send(1);
    Call follower = send(1);
    follower.request.cancel();
    assertThat(follower.failure.category()).isEqualTo(Category.CANCELLED);
    runner.answer();
    assertThat(leader.succeeded()).isTrue();
    assertThat(follower.answers).isEqualTo(1);
    Call late = new Call(null, "a", 2);
    send(2);
    late.request.cancel();
    late.send();
    assertThat(late.failure.category()).isEqualTo(Category.CANCELLED);
    runner.answer();
  }

  @Test
  void manyThatFollowALeaderWhoseQueueIsFullAreEachRefusedByTheQueue() {
    runner.hold = true;
    List<Call> crowd = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      crowd.add(send(1));
    }
    for (int i = 0; i < 20; i++) {
      runner.fail(FULL);
    }
    assertThat(crowd).allMatch(call -> call.answers == 1 && call.failure == FULL);
    assertThat(runner.held).isEmpty();
  }

  @Test
  void theCacheStaysWithinItsBytes() {
    cache = warm(20_000, new InputHash(new Random(1)));
    for (int i = 0; i < 500; i++) {
      assertThat(send(i, i + 1, i + 2).succeeded()).isTrue();
      assertThat(statistics().bytes()).isLessThanOrEqualTo(20_000);
    }
    assertThat(statistics().evictions()).isPositive();
    assertThat(statistics().entries()).isBetween(5L, 60L);
  }

  @Test
  void anAnswerThatIsTooLargeIsNotKeptButShared() {
    cache = warm(1_000, new InputHash(new Random(1)));
    runner.hold = true;
    float[] large = new float[100];
    Call leader = send(large);
    Call follower = send(large);
    runner.answer();
    assertThat(leader.succeeded() && follower.succeeded()).isTrue();
    assertThat(runner.runs).isEqualTo(1);
    assertThat(statistics().entries()).isZero();
    Call tooLargeAKey = send(new float[1_000]);
    runner.answer();
    assertThat(tooLargeAKey.succeeded()).isTrue();
    assertThat(statistics().misses()).isEqualTo(2);
  }

  @Test
  void warmUpPassesBy() {
    cache = new PredictionCache(runner, new CacheOptions(MAX_BYTES), request -> 0);
    send(1);
    send(1);
    assertThat(runner.runs).isEqualTo(2);
    cache.warmed();
    send(1);
    send(1);
    assertThat(runner.runs).isEqualTo(3);
  }

  @Test
  void closingDropsWhatIsKeptAndClosesTheStagesBehind() {
    send(1);
    cache.close();
    assertThat(statistics().entries()).isZero();
    assertThat(runner.closed).isTrue();
    assertThat(cache.statistics()).isSameAs(runner.statistics);
  }

  @Test
  void anAnswerThatDoesNotFitTheRequestsMemoryFailsThatRequestAlone() {
    runner.hold = true;
    Call leader = send(1);
    Call follower = send(1);
    var unused = follower.arena.allocate((1 << 20) - follower.arena.usedBytes());
    runner.answer();
    assertThat(leader.succeeded()).isTrue();
    assertThat(follower.failure.category()).isEqualTo(Category.INVALID_ARGUMENT);
  }

  @Test
  void aCacheWithoutRoomIsRefused() {
    assertThatThrownBy(() -> new CacheOptions(0)).hasMessage("cache: 0 bytes (expected: >= 1)");
  }

  @Test
  void randomRequestsAreAnsweredAsWithoutACacheHoweverHashesCollide() {
    long hits = 0;
    long coalesced = 0;
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      int hashes = 1 + random.nextInt(3);
      cache =
          warm(3_000 + random.nextInt(20_000), r -> new InputHash(new Random(9)).hash(r) % hashes);
      List<Call> sent = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        step(random, sent);
      }
      while (!runner.held.isEmpty()) {
        runner.answer();
      }
      String what = "seed " + seed;
      assertThat(sent).as(what).allMatch(call -> call.answers == 1);
      assertThat(sent)
          .as(what)
          .filteredOn(call -> call.failure != null)
          .allMatch(call ->
              call.request.isCancelled() || call.failure.getMessage().startsWith("planned"));
      hits += statistics().hits();
      coalesced += statistics().coalesced();
    }
    assertThat(hits).isPositive();
    assertThat(coalesced).isPositive();
  }

  private void step(Random random, List<Call> sent) {
    runner.hold = random.nextInt(3) > 0;
    switch (random.nextInt(6)) {
      case 0 -> {
        if (!runner.held.isEmpty()) {
          runner.answer();
        }
      }
      case 1 -> {
        if (!runner.held.isEmpty()) {
          Category category =
              random.nextBoolean() ? Category.INVALID_ARGUMENT : Category.UNAVAILABLE;
          runner.fail(new ServingException(category, "planned"));
        }
      }
      case 2 -> {
        if (!sent.isEmpty()) {
          sent.get(random.nextInt(sent.size())).request.cancel();
        }
      }
      default -> {
        boolean[][] wanted = {null, {true, false}, {false, true}};
        String[] texts = {null, "a", "b"};
        float[] numbers =
            random.nextBoolean() ? new float[] {1} : new float[] {1, random.nextInt(2)};
        sent.add(new Call(wanted[random.nextInt(3)], texts[random.nextInt(3)], numbers).send());
      }
    }
  }
}
