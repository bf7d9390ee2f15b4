package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
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
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchedRunTest {
  private static final ModelVersion VERSION = new ModelVersion("rows", 1);
  private static final Duration ALWAYS_INLINE = Duration.ofDays(1);
  private static final Duration NEVER_INLINE = Duration.ZERO;

  private final List<Answer> answers = new ArrayList<>();
  private final List<PredictRequest> pending = new ArrayList<>();
  private long liveBytes;
  private TestLoop loop = new TestLoop();

  @BeforeEach
  void countMemory() {
    loop.close();
    liveBytes = NativeMemory.liveBytes();
    loop = new TestLoop();
  }

  @AfterEach
  void nothingIsLeft() {
    loop.close();
    assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytes);
  }

  /** Keeps what came, and gives the memory back when it is told to. */
  private final class Answer implements Reply {
    private int count;
    private @Nullable ServingException failure;
    private @Nullable PredictRequest request;

    @Override
    public void succeeded(PredictRequest answered) {
      loop.execute(() -> came(answered, null));
    }

    @Override
    public void failed(PredictRequest answered, ServingException reason) {
      loop.execute(() -> came(answered, reason));
    }

    private void came(PredictRequest answered, @Nullable ServingException reason) {
      count++;
      request = answered;
      failure = reason;
    }

    Answer await() {
      loop.runUntil(() -> count > 0);
      assertThat(count).isEqualTo(1);
      return this;
    }

    float y(long i) {
      await();
      assertThat(failure).isNull();
      return request().output(0).getFloat(i);
    }

    Category category() {
      await();
      return failure == null ? Category.UNKNOWN : failure.category();
    }

    String message() {
      await();
      return failure == null ? "" : failure.getMessage();
    }

    PredictRequest request() {
      if (request == null) {
        throw new AssertionError("not answered");
      }
      return request;
    }

    void close() {
      await().request().arena().close();
    }
  }

  private static BatchingOptions options(
      int maxRows, long maxRequestRows, int partRows, List<Integer> allowed, boolean pad) {
    return new BatchingOptions(
        BatchingOptions.Mode.ON,
        new BatchPolicy.Fixed(maxRows),
        maxRequestRows,
        partRows,
        partRows > 0,
        Duration.ZERO,
        0,
        allowed,
        pad,
        0,
        0,
        Duration.ZERO);
  }

  private static BatchingOptions upTo(int maxRows) {
    return options(maxRows, 0, 0, List.of(), false);
  }

  private static ModelRunner runner(RowModel model, Duration inlineBound, BatchingOptions options) {
    return (ModelRunner)
        ModelRunner.factory(new RunnerConfig(1, 100, inlineBound, options)).create(VERSION, model);
  }

  private Answer numbers(ModelRunner runner, long rows, float... x) {
    return numbersBy(runner, Long.MAX_VALUE, rows, x);
  }

  private Answer numbersBy(ModelRunner runner, long deadlineNs, long rows, float... x) {
    TensorArena arena = loop.arenas().take();
    Tensor input = arena.allocate(DType.FLOAT32, Shape.of(rows, x.length / rows));
    for (int i = 0; i < x.length; i++) {
      input.data().set(ValueLayout.JAVA_FLOAT, 4L * i, x[i]);
    }
    return predict(
        runner,
        new PredictRequest(
            new TestRequests.Lease(runner.model(), runner),
            RowModel.NUMBERS,
            new Tensor[] {input, null},
            null,
            arena,
            System.nanoTime(),
            deadlineNs));
  }

  private Answer words(ModelRunner runner, String... words) {
    TensorArena arena = loop.arenas().take();
    StringTensorBuilder strings = new StringTensorBuilder(arena, words.length, 0);
    for (String word : words) {
      strings.add(word.getBytes(StandardCharsets.UTF_8));
    }
    return predict(
        runner,
        new PredictRequest(
            new TestRequests.Lease(runner.model(), runner),
            RowModel.WORDS,
            new Tensor[] {strings.build(Shape.of(words.length))},
            null,
            arena,
            System.nanoTime(),
            Long.MAX_VALUE));
  }

  private Answer predict(ModelRunner runner, PredictRequest request) {
    request.setTurn(loop.turn());
    pending.add(request);
    Answer answer = new Answer();
    answers.add(answer);
    runner.predict(request, answer);
    return answer;
  }

  private void closeAll() {
    answers.forEach(Answer::close);
    answers.clear();
  }

  /** Lets the model be known as quick, at every size up to that of a batch. */
  private void measure(ModelRunner runner, RowModel model) {
    numbers(runner, 1, 0f, 0f).await();
    words(runner, "x").await();
    closeAll();
    model.forgetRuns();
  }

  @Test
  void whatOneTurnDecodesIsOneRunAtItsEnd() {
    RowModel model = new RowModel();
    try (ModelRunner runner = runner(model, ALWAYS_INLINE, upTo(64))) {
      measure(runner, model);
      Answer a = numbers(runner, 1, 1f, 2f);
      Answer b = numbers(runner, 2, 3f, 4f, 5f, 6f);
      Answer words = words(runner, "ab", "");
      Answer otherShape = numbers(runner, 1, 7f);
      Answer moreWords = words(runner, "cd");
      assertThat(model.runs()).isEmpty();
      assertThat(a.y(1)).isEqualTo(4f);
      assertThat(model.runs()).containsExactly(3L, 3L, 1L);
      assertThat(b.y(3)).isEqualTo(12f);
      assertThat(otherShape.y(0)).isEqualTo(14f);
      assertThat(b.request().output(1).shape()).isEqualTo(Shape.of(2));
      assertThat(words.await().request().output(0).getUtf8(0)).isEqualTo("ab!");
      assertThat(words.request().output(0).getUtf8(1)).isEqualTo("!");
      assertThat(moreWords.await().request().output(0).getUtf8(0)).isEqualTo("cd!");
      assertThat(a.request().stageNs(Stage.BATCH)).isPositive();
      closeAll();
    }
  }

  @Test
  void aTurnWithMoreThanARunHoldsRunsOftener() {
    RowModel model = new RowModel();
    try (ModelRunner runner = runner(model, ALWAYS_INLINE, upTo(3))) {
      measure(runner, model);
      for (int i = 0; i < 8; i++) {
        numbers(runner, 1, i, i);
      }
      for (int i = 0; i < 8; i++) {
        assertThat(answers.get(i).y(0)).isEqualTo(2f * i);
      }
      assertThat(model.runs()).containsExactly(3L, 3L, 2L);
      closeAll();
    }
  }

  @Test
  void aRequestThatFailsDoesNotFailItsNeighbours() {
    RowModel model = new RowModel();
    try (ModelRunner runner = runner(model, ALWAYS_INLINE, upTo(64))) {
      measure(runner, model);
      long before = runner.statistics().executions();
      for (int i = 0; i < 8; i++) {
        numbers(runner, 1, i == 5 ? Float.NaN : i, i);
      }
      for (int i = 0; i < 8; i++) {
        assertThat(answers.get(i).category())
            .as("request " + i)
            .isEqualTo(i == 5 ? Category.INVALID_ARGUMENT : Category.UNKNOWN);
      }
      assertThat(answers.get(7).y(1)).isEqualTo(14f);
      assertThat(runner.statistics().executions() - before).as("runs that succeeded").isEqualTo(3);
      assertThat(runner.statistics().rows()).as("7, and 2 to measure").isEqualTo(9);
      closeAll();
    }
  }

  @Test
  void anInstanceTakesTogetherWhatHasGatheredWhileItRan() throws Exception {
    Semaphore begun = new Semaphore(0);
    CountDownLatch go = new CountDownLatch(1);
    RowModel model = new RowModel(false, batch -> pass(begun, go));
    try (ModelRunner runner = runner(model, NEVER_INLINE, upTo(64))) {
      numbers(runner, 1, 0f, 0f);
      begun.acquire();
      for (int i = 1; i < 6; i++) {
        numbers(runner, i, new float[2 * i]);
      }
      assertThat(runner.statistics().queued()).isEqualTo(5);
      go.countDown();
      for (Answer answer : answers) {
        assertThat(answer.y(0)).isZero();
      }
      assertThat(model.runs()).containsExactly(1L, 15L);
      assertThat(runner.statistics().queued()).isZero();
      assertThat(runner.statistics().bySize())
          .extracting(RunStatistics.Size::batchSize)
          .containsExactly(1L, 15L);
      closeAll();
    }
  }

  private static void pass(Semaphore begun, CountDownLatch go) {
    begun.release();
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRequestThatIsCancelledLeavesTheQueueAtOnce() throws Exception {
    Semaphore begun = new Semaphore(0);
    CountDownLatch go = new CountDownLatch(1);
    RowModel model = new RowModel(false, batch -> pass(begun, go));
    try (ModelRunner runner = runner(model, NEVER_INLINE, upTo(64))) {
      Answer first = numbers(runner, 1, 1f, 1f);
      begun.acquire();
      Answer second = numbers(runner, 1, 2f, 2f);
      Answer third = numbers(runner, 1, 3f, 3f);
      pending.get(1).cancel();
      assertThat(second.category()).isEqualTo(Category.CANCELLED);
      assertThat(runner.statistics().queued()).isEqualTo(1);
      go.countDown();
      assertThat(first.y(0) + third.y(0)).isEqualTo(8f);
      assertThat(runner.statistics().drops(RunStatistics.Drop.CANCELLED)).isEqualTo(1);
      closeAll();
    }
  }

  @Test
  void aFullQueueRefusesAndSaysHowFullItIs() throws Exception {
    Semaphore begun = new Semaphore(0);
    CountDownLatch go = new CountDownLatch(1);
    RowModel model = new RowModel(false, batch -> pass(begun, go));
    RunnerConfig config = new RunnerConfig(1, 2, NEVER_INLINE, upTo(64));
    try (ModelRunner runner = (ModelRunner) ModelRunner.factory(config).create(VERSION, model)) {
      numbers(runner, 1, 1f, 1f);
      begun.acquire();
      numbers(runner, 1, 2f, 2f);
      numbers(runner, 1, 3f, 3f);
      Answer refused = numbers(runner, 1, 4f, 4f);
      assertThat(refused.category()).isEqualTo(Category.UNAVAILABLE);
      assertThat(refused.message())
          .startsWith(
              "queue of rows/1: 2 of 2 requests (2 rows) wait for 1 instances, the first for ")
          .endsWith(" us (expected: fewer requests, or rows)");
      go.countDown();
      closeAll();
    }
  }

  @Test
  void runsArePaddedToTheNextAllowedSize() {
    RowModel model = new RowModel();
    try (ModelRunner runner =
        runner(model, NEVER_INLINE, options(64, 0, 0, List.of(4, 16), false))) {
      assertThat(numbers(runner, 3, 1f, 2f, 3f, 4f, 5f, 6f).y(5)).isEqualTo(12f);
      assertThat(answers.getFirst().request().output(0).shape()).isEqualTo(Shape.of(3, 2));
      assertThat(words(runner, "a", "b", "c", "d", "e").await().request().output(0).getUtf8(4))
          .isEqualTo("e!");
      assertThat(model.runs()).containsExactly(4L, 16L);
      assertThat(runner.statistics().paddingRows()).isEqualTo(12);
      assertThat(runner.statistics().rows()).isEqualTo(8);
      closeAll();
    }
  }

  @Test
  void aRequestWithTooManyRowsIsRunInParts() {
    RowModel model = new RowModel();
    try (ModelRunner runner = runner(model, NEVER_INLINE, options(4, 4, 4, List.of(), false))) {
      float[] x = new float[20];
      for (int i = 0; i < x.length; i++) {
        x[i] = i;
      }
      Answer numbers = numbers(runner, 10, x);
      for (int i = 0; i < x.length; i++) {
        assertThat(numbers.y(i)).isEqualTo(2f * i);
      }
      Answer words = words(runner, "a", "bb", "ccc", "dddd", "", "f").await();
      for (int i = 0; i < 6; i++) {
        assertThat(words.request().output(0).getUtf8(i))
            .isEqualTo(List.of("a!", "bb!", "ccc!", "dddd!", "!", "f!").get(i));
      }
      assertThat(model.runs()).containsExactly(4L, 4L, 2L, 4L, 2L);
      assertThat(runner.statistics().requests()).isEqualTo(2);
      closeAll();
    }
  }

  @Test
  void aRequestWithTooManyRowsIsRefusedWhereThereIsALimit() {
    try (ModelRunner runner =
        runner(new RowModel(), NEVER_INLINE, options(4, 4, 0, List.of(), false))) {
      Answer refused = numbers(runner, 5, new float[10]);
      assertThat(refused.category()).isEqualTo(Category.INVALID_ARGUMENT);
      assertThat(refused.message()).isEqualTo("batch size: 5 rows (expected: at most 4)");
      closeAll();
    }
    try (ModelRunner runner = runner(new RowModel(), NEVER_INLINE, upTo(4))) {
      assertThat(numbers(runner, 5, new float[10]).y(9)).isZero();
      closeAll();
    }
  }

  @Test
  void requestsOfDifferentLengthsArePaddedWhereThatIsAskedFor() {
    RowModel model = new RowModel();
    try (ModelRunner runner = runner(model, ALWAYS_INLINE, options(64, 0, 0, List.of(), true))) {
      measure(runner, model);
      Answer two = numbers(runner, 2, 1f, 2f, 3f, 4f);
      Answer three = numbers(runner, 1, 5f, 6f, 7f);
      assertThat(two.await().request().output(0).shape()).isEqualTo(Shape.of(2, 3));
      assertThat(floats(two)).containsExactly(2f, 4f, 0f, 6f, 8f, 0f);
      assertThat(floats(three)).containsExactly(10f, 12f, 14f);
      assertThat(model.runs()).containsExactly(3L);
      closeAll();
    }
  }

  private static List<Float> floats(Answer answer) {
    Tensor y = answer.await().request().output(0);
    List<Float> floats = new ArrayList<>();
    for (long i = 0; i < y.elementCount(); i++) {
      floats.add(y.getFloat(i));
    }
    return floats;
  }

  @Test
  void aLateRequestDoesNotRunAtTheEndOfItsTurn() {
    RowModel model = new RowModel();
    try (ModelRunner runner = runner(model, ALWAYS_INLINE, upTo(64))) {
      measure(runner, model);
      Answer late = numbersBy(runner, System.nanoTime() - 1, 1, 1f, 1f);
      Answer cancelled = numbers(runner, 1, 2f, 2f);
      Answer last = numbers(runner, 1, 3f, 3f);
      pending.get(pending.size() - 2).cancel();
      assertThat(late.category()).isEqualTo(Category.DEADLINE_EXCEEDED);
      assertThat(cancelled.category()).isEqualTo(Category.CANCELLED);
      assertThat(last.y(0)).isEqualTo(6f);
      assertThat(model.runs()).containsExactly(1L);
      closeAll();
    }
  }

  @Test
  void aModelWhoseRowsGetLostIsNotBatchedAgain() {
    RowModel model = new RowModel();
    LoadedModel losing = new Losing(model);
    RunnerConfig config = new RunnerConfig(1, 100, ALWAYS_INLINE, upTo(64));
    try (ModelRunner runner = (ModelRunner) ModelRunner.factory(config).create(VERSION, losing)) {
      numbers(runner, 1, 0f, 0f).await();
      closeAll();
      Answer a = numbers(runner, 1, 1f, 1f);
      Answer b = numbers(runner, 1, 2f, 2f);
      assertThat(a.y(0) + b.y(0)).isEqualTo(6f);
      model.forgetRuns();
      numbers(runner, 1, 1f, 1f);
      numbers(runner, 1, 2f, 2f);
      closeAll();
      assertThat(model.runs()).containsExactly(1L, 1L);
    }
  }

  /** Answers with the first row alone. */
  private record Losing(RowModel model) implements LoadedModel {
    @Override
    public Map<String, Signature> signatures() {
      return model.signatures();
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void run(Batch batch) {
      model.run(batch);
      batch.setOutput(0, batch.output(0).rows(0, 1));
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public void close() {}
  }
}
