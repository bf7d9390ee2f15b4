package io.salver.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** Clients that ask one model again and again, and what they got. */
final class CrashLoad implements AutoCloseable {
  private final RunningServer server;
  private final String model;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * A call.
   *
   * @param problem empty if the answer is the right one
   */
  record Call(long startNs, long endNs, int status, String problem) {
    boolean isAnswered() {
      return problem.isEmpty();
    }

    double tookMs() {
      return (endNs - startNs) / 1e6;
    }
  }

  /** Clients of a model that does what the example model does. */
  CrashLoad(RunningServer server, String model, int clients) {
    this.server = server;
    this.model = model;
    for (int i = 0; i < clients; i++) {
      int number = i;
      threads.add(Thread.ofPlatform().start(() -> ask(number)));
    }
  }

  private void ask(int number) {
    for (float x = number; !stop.get(); x += 1) {
      long startNs = System.nanoTime();
      try {
        RestClient.Answer answer = WorkerModels.predict(server, model, x);
        String problem =
            answer.status() == 200
                ? HalfPlusTwoCalls.problem(x, answer.body()).orElse("")
                : answer.body();
        calls.add(new Call(startNs, System.nanoTime(), answer.status(), problem));
      } catch (Exception e) {
        calls.add(new Call(startNs, System.nanoTime(), 0, e.toString()));
      }
    }
  }

  List<Call> calls() {
    return List.copyOf(calls);
  }

  /** Waits for {@code count} more answers that were asked for after now. */
  void awaitAnswers(int count) throws Exception {
    long fromNs = System.nanoTime();
    Await.until(
        count + " answers of " + model,
        () ->
            calls.stream().filter(Call::isAnswered).filter(c -> c.startNs() > fromNs).count()
                >= count);
  }

  @Override
  public void close() throws InterruptedException {
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
