package io.salver.server.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import io.salver.server.metrics.Method;
import io.salver.tensor.NativeMemory;
import io.salver.testkit.HalfPlusTwo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** However a prediction ends, it is answered at most once, and lease and memory are given back. */
final class InferenceTest {
  private final long liveBytesBefore = NativeMemory.liveBytes();
  private final FakeLoop loop = new FakeLoop(1 << 20);
  private final StaticModels models =
      new StaticModels(InlineRunner.FACTORY).add("half", 1, new HalfPlusTwo());
  private final List<String> observed = new ArrayList<>();
  private HalfCall call = new HalfCall("half", 2);

  private @Nullable PredictRequest held;
  private @Nullable Reply heldReply;

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(models.openLeases()).isZero();
    models.close();
    loop.close();
    assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytesBefore);
  }

  @Test
  void answersOnTheLoopWhatAnotherThreadRan() throws Exception {
    start(this::hold);
    Thread runner = new Thread(this::runHeld);
    runner.start();
    runner.join();

    assertThat(call.isAnswered()).isFalse();
    assertThat(loop.runTasks()).isEqualTo(1);
    assertThat(call.number()).isEqualTo(3);
    assertThat(observed).containsExactly("OK timed");
  }

  @Test
  void awaitsAndDropsTheAnswerThatNobodyWaitsFor() {
    start(this::hold);
    call.cancel();
    assertThat(models.openLeases()).isEqualTo(1);

    runHeld();

    assertThat(call.isAnswered()).isFalse();
    assertThat(observed).containsExactly("CANCELLED timed");
  }

  @Test
  void tellsTheCallerWhyARunFailed() {
    start((request, reply) ->
        reply.failed(request, new ServingException(Category.UNAVAILABLE, "queue: full")));

    assertThat(call.failure()).hasMessage("queue: full");
    assertThat(observed).containsExactly("UNAVAILABLE timed");
  }

  @Test
  void tellsTheCallerThatAnAnswerCouldNotBeWritten() {
    // Nothing was run, so that there are no outputs.
    start((request, reply) -> reply.succeeded(request));

    assertThat(failed()).isEqualTo(Category.INTERNAL);
    assertThat(observed).containsExactly("INTERNAL timed");
  }

  @Test
  void givesEverythingBackWhenTheLoopHasEnded() throws Exception {
    start(this::hold);
    loop.end();
    Thread runner = new Thread(this::runHeld);
    runner.start();
    runner.join();

    assertThat(call.isAnswered()).isFalse();
    assertThat(models.openLeases()).isZero();
  }

  @Test
  void tellsTheObserverOfWhatHeldNoVersion() {
    call = new HalfCall("nobody", 2);
    start(this::hold);

    assertThat(failed()).isEqualTo(Category.NOT_FOUND);
    assertThat(observed).containsExactly("refused PREDICT of nobody: NOT_FOUND");
  }

  @Test
  void waitsForAModelOnDemandAndThenRunsWhatWasKept() throws Exception {
    models.sleep("half");
    start(this::runAtOnce);
    assertThat(call.isAnswered()).isFalse();
    assertThat(call.kept()).isNotZero();

    Thread control = new Thread(() -> models.wake("half"));
    control.start();
    control.join();
    assertThat(call.isAnswered()).isFalse();
    loop.runTasks();
    assertThat(call.number()).isEqualTo(3);
    assertThat(observed).containsExactly("OK timed");
  }

  @Test
  void tellsTheCallerWhyTheModelDidNotCome() {
    models.sleep("half");
    start(this::runAtOnce);
    models.refuse(new ServingException(Category.RESOURCE_EXHAUSTED, "memory: none"));
    loop.runTasks();

    assertThat(call.failure()).hasMessage("memory: none");
    assertThat(observed).containsExactly("refused PREDICT of half: RESOURCE_EXHAUSTED");
  }

  @Test
  void givesUpWhenTheCallerGoesAwayWhileTheModelIsLoaded() {
    models.sleep("half");
    start(this::runAtOnce);
    call.cancel();
    assertThat(observed).containsExactly("refused PREDICT of half: CANCELLED");

    models.wake("half");
    assertThat(models.openLeases()).isEqualTo(1);
    loop.runTasks();
    assertThat(call.isAnswered()).isFalse();
  }

  @Test
  void givesTheModelBackThatComesWhenTheLoopHasEnded() {
    models.sleep("half");
    start(this::runAtOnce);
    loop.end();
    models.wake("half");

    assertThat(call.isAnswered()).isFalse();
    assertThat(models.openLeases()).isZero();
  }

  private void runAtOnce(PredictRequest request, Reply reply) {
    request.lease().predictor().predict(request, reply);
  }

  private void hold(PredictRequest request, Reply reply) {
    held = request;
    heldReply = reply;
  }

  private void runHeld() {
    PredictRequest request = held;
    Reply reply = heldReply;
    if (request == null || reply == null) {
      throw new AssertionError("nothing was held");
    }
    request.lease().predictor().predict(request, reply);
  }

  private void start(Predictor spine) {
    Inference.start(
        new Inference.Context(models, spine, new Notes()), call, loop, System.nanoTime());
  }

  private Category failed() {
    ServingException failure = call.failure();
    if (failure == null) {
      throw new AssertionError("no failure");
    }
    return failure.category();
  }

  /** Writes down what it is told. */
  private final class Notes implements InferenceObserver {
    @Override
    public void finished(
        Method method, PredictRequest request, @Nullable ServingException failure) {
      String outcome = failure == null ? "OK" : failure.category().name();
      observed.add(outcome + (request.stageNs(Stage.DECODE) > 0 ? " timed" : ""));
    }

    @Override
    public void refused(Method method, String model, ServingException failure, long receivedNs) {
      observed.add("refused " + method + " of " + model + ": " + failure.category());
    }
  }
}
