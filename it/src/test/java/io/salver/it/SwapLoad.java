package io.salver.it;

import io.salver.server.tfserving.proto.PredictResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Threads that call a model without pause, each the next time as soon as it has its answer. Notes
 * how long each call took, what went wrong, and the newest version that has answered.
 */
final class SwapLoad implements AutoCloseable {
  private static final int DISTINCT_INPUTS = 1000;

  private final List<Thread> threads = new ArrayList<>();
  private final Queue<String> problems = new ConcurrentLinkedQueue<>();
  private final AtomicLong newestVersion = new AtomicLong();
  private volatile Latencies latencies = new Latencies();
  private volatile boolean stopped;

  SwapLoad(GrpcClient client, int threadCount) {
    for (int i = 0; i < threadCount; i++) {
      threads.add(Thread.ofPlatform().name("load-" + i).start(() -> callOn(client)));
    }
  }

  private void callOn(GrpcClient client) {
    for (int i = 0; !stopped; i = (i + 1) % DISTINCT_INPUTS) {
      long startNs = System.nanoTime();
      try {
        PredictResponse answer = client.call(GrpcClient.PREDICT, HalfPlusTwoCalls.request(i));
        latencies.record(System.nanoTime() - startNs);
        HalfPlusTwoCalls.problem(i, answer).ifPresent(problems::add);
        newestVersion.accumulateAndGet(answer.getModelSpec().getVersion().getValue(), Math::max);
      } catch (RuntimeException e) {
        problems.add(e.toString());
      }
    }
  }

  /** From now on, latencies are counted anew; returns those until now. */
  Latencies restart() {
    Latencies before = latencies;
    latencies = new Latencies();
    return before;
  }

  /** Those since the last {@link #restart}. */
  Latencies latencies() {
    return latencies;
  }

  long newestVersion() {
    return newestVersion.get();
  }

  List<String> problems() {
    return List.copyOf(problems);
  }

  /** Returns once every thread has had its last answer. */
  @Override
  public void close() {
    stopped = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
