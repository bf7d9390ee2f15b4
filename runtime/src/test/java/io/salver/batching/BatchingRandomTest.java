package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.engine.Batch;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.NativeMemory;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random requests from several loops through one version, against the model run on each of them
 * alone: every request is answered once, with what it is answered alone, and no memory is left.
 */
class BatchingRandomTest {
  private static final ModelVersion VERSION = new ModelVersion("rows", 1);
  private static final int LOOPS = 3;
  private static final int REQUESTS = 250;

  private static BatchingOptions options(Random random) {
    int maxRows = 1 + random.nextInt(20);
    boolean allowed = random.nextInt(3) == 0;
    boolean split = random.nextInt(3) == 0;
    int levels = random.nextInt(4);
    return new BatchingOptions(
        random.nextInt(5) == 0 ? BatchingOptions.Mode.OFF : BatchingOptions.Mode.AUTO,
        new BatchPolicy.Fixed(maxRows),
        0,
        split ? 3 : 0,
        split,
        random.nextInt(3) == 0 ? Duration.ofNanos(200_000) : Duration.ZERO,
        random.nextBoolean() ? 60 : 0,
        allowed ? List.of(2, 5, 20) : List.of(),
        false,
        levels,
        levels == 0 ? 0 : random.nextInt(levels + 1),
        random.nextInt(4) == 0 ? Duration.ofMillis(1) : Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void batchedIsTheSameAsOneByOne(long seed) throws Exception {
    Random random = new Random(seed);
    BatchingOptions options = options(random);
    String what = "seed " + seed + ", " + options;
    long before = NativeMemory.liveBytes();
    RowModel model = new RowModel(random.nextInt(4) != 0, batch -> Thread.yield());
    RunnerConfig config =
        new RunnerConfig(
            1 + random.nextInt(3),
            20 + random.nextInt(100),
            random.nextBoolean() ? Duration.ofDays(1) : Duration.ZERO,
            options);
    Queue<String> faults = new ConcurrentLinkedQueue<>();
    long answered = 0;
    try (ModelRunner runner = (ModelRunner) ModelRunner.factory(config).create(VERSION, model)) {
      new BatchProbe(Duration.ofMinutes(5)).probe(model, runner.batchability());
      List<Loop> loops = new ArrayList<>();
      for (int i = 0; i < LOOPS; i++) {
        loops.add(new Loop(runner, model, new Random(random.nextLong()), faults));
      }
      List<Thread> threads = loops.stream().map(loop -> Thread.ofPlatform().start(loop)).toList();
      for (Thread thread : threads) {
        thread.join();
      }
      for (Loop loop : loops) {
        answered += loop.succeeded;
      }
      assertThat(faults).as(what).isEmpty();
      assertThat(runner.statistics().requests()).as(what).isEqualTo(answered);
      assertThat(runner.statistics().queued()).as(what).isZero();
    }
    assertThat(NativeMemory.liveBytes()).as(what).isEqualTo(before);
  }

  /** One loop: makes its requests in turns, and checks the answers. */
  private static final class Loop implements Runnable {
    private final ModelRunner runner;
    private final RowModel model;
    private final Random random;
    private final Queue<String> faults;
    private int open;
    private long succeeded;

    Loop(ModelRunner runner, RowModel model, Random random, Queue<String> faults) {
      this.runner = runner;
      this.model = model;
      this.random = random;
      this.faults = faults;
    }

    @Override
    public void run() {
      try (TestLoop loop = new TestLoop()) {
        int made = 0;
        while (made < REQUESTS) {
          List<PredictRequest> turn = new ArrayList<>();
          int size = 1 + random.nextInt(12);
          for (int i = 0; i < size; i++, made++) {
            turn.add(predict(loop));
          }
          for (PredictRequest request : turn) {
            if (random.nextInt(10) == 0) {
              request.cancel();
            }
          }
          loop.runTasks();
          if (random.nextInt(3) == 0) {
            loop.runUntil(() -> open == 0);
          }
        }
        loop.runUntil(() -> open == 0);
      } catch (RuntimeException | Error e) {
        faults.add(e.toString());
      }
    }

    private PredictRequest predict(TestLoop loop) {
      TensorArena arena = loop.arenas().take();
      boolean words = random.nextInt(3) == 0;
      Signature signature = words ? RowModel.WORDS : RowModel.NUMBERS;
      @Nullable Tensor[] inputs = words ? words(arena) : numbers(arena);
      boolean[] wanted = words || random.nextInt(3) != 0 ? null : new boolean[] {true, false};
      long nowNs = System.nanoTime();
      PredictRequest request =
          new PredictRequest(
              new TestRequests.Lease(model, runner),
              signature,
              inputs,
              wanted,
              arena,
              nowNs,
              random.nextInt(8) == 0 ? nowNs + random.nextInt(500_000) : Long.MAX_VALUE,
              random.nextInt(6),
              random.nextInt(8) == 0 ? 1 + random.nextInt(500_000) : 0);
      if (random.nextInt(10) != 0) {
        request.setTurn(loop.turn());
      }
      open++;
      runner.predict(request, new Checked(this, loop));
      return request;
    }

    private Tensor[] words(TensorArena arena) {
      int rows = 1 + random.nextInt(6);
      StringTensorBuilder strings = new StringTensorBuilder(arena, rows, 0);
      for (int i = 0; i < rows; i++) {
        strings.add("word".repeat(random.nextInt(4)).getBytes(StandardCharsets.UTF_8));
      }
      return new Tensor[] {strings.build(Shape.of(rows))};
    }

    private @Nullable Tensor[] numbers(TensorArena arena) {
      int rows = random.nextInt(7);
      int columns = 1 + random.nextInt(2);
      Tensor x = arena.allocate(DType.FLOAT32, Shape.of(rows, columns));
      for (long i = 0; i < x.elementCount(); i++) {
        float value = random.nextInt(60) == 0 ? Float.NaN : random.nextFloat();
        x.data().set(ValueLayout.JAVA_FLOAT, 4 * i, value);
      }
      if (random.nextBoolean()) {
        return new Tensor[] {x, null};
      }
      Tensor k = arena.allocate(DType.INT64, Shape.of(rows));
      for (long i = 0; i < rows; i++) {
        k.data().set(ValueLayout.JAVA_LONG, 8 * i, (long) random.nextInt(100));
      }
      return new Tensor[] {x, k};
    }

    private void check(PredictRequest request, @Nullable ServingException failure) {
      open--;
      if (failure == null) {
        succeeded++;
      }
      try (ArenaPool pool = new ArenaPool(1 << 20);
          TensorArena arena = pool.take()) {
        Batch alone =
            new Batch(
                request.signature(), request.inputs(), request.wanted(), arena, Long.MAX_VALUE);
        Category expected = null;
        try {
          model.run(alone);
        } catch (ServingException e) {
          expected = e.category();
        }
        compare(request, failure, alone, expected);
      } finally {
        request.arena().close();
      }
    }

    private void compare(
        PredictRequest request,
        @Nullable ServingException failure,
        Batch alone,
        @Nullable Category expected) {
      if (failure != null) {
        if (failure.category() != expected && !isDropped(request, failure)) {
          faults.add("failed: " + failure.getMessage() + ", expected: " + expected);
        }
      } else if (expected != null) {
        faults.add("answered, expected: " + expected);
      } else {
        for (int i = 0; i < request.signature().outputs().size(); i++) {
          if (request.wants(i) && !Elements.same(alone.output(i), request.output(i), false)) {
            faults.add("output " + i + " differs, of " + alone.output(i));
          }
        }
      }
    }

    private static boolean isDropped(PredictRequest request, ServingException failure) {
      return switch (failure.category()) {
        case CANCELLED -> request.isCancelled();
        case DEADLINE_EXCEEDED -> request.deadlineNs() != Long.MAX_VALUE;
        case UNAVAILABLE, RESOURCE_EXHAUSTED -> true;
        default -> false;
      };
    }
  }

  /** Takes one answer to its loop. */
  private static final class Checked implements Reply {
    private final Loop owner;
    private final TestLoop loop;
    private final AtomicInteger count = new AtomicInteger();

    Checked(Loop owner, TestLoop loop) {
      this.owner = owner;
      this.loop = loop;
    }

    @Override
    public void succeeded(PredictRequest request) {
      once();
      loop.execute(() -> owner.check(request, null));
    }

    @Override
    public void failed(PredictRequest request, ServingException failure) {
      once();
      loop.execute(() -> owner.check(request, failure));
    }

    private void once() {
      if (count.incrementAndGet() != 1) {
        owner.faults.add("answered " + count + " times");
      }
    }
  }
}
