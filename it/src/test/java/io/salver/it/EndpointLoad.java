package io.salver.it;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Clients that ask one endpoint without pause, each the next time as soon as it has its answer.
 * Every answer has to be {@code y = x}, or near it.
 */
final class EndpointLoad implements AutoCloseable {
  private static final int DISTINCT_INPUTS = 1000;

  private final EndpointServer server;
  private final String endpoint;
  private final double tolerance;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final Queue<String> problems = new ConcurrentLinkedQueue<>();
  private final Map<String, Long> answers = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();

  /** So many clients; an answer may be so far off. */
  EndpointLoad(EndpointServer server, String endpoint, int clients, double tolerance) {
    this.server = server;
    this.endpoint = endpoint;
    this.tolerance = tolerance;
    for (int i = 0; i < clients; i++) {
      threads.add(Thread.ofPlatform().name("load-" + i).start(this::ask));
    }
  }

  private void ask() {
    for (int x = 0; !stopped.get(); x = (x + 1) % DISTINCT_INPUTS) {
      try {
        HttpResponse<String> answer = server.predict(endpoint, x);
        if (answer.statusCode() != 200 || Math.abs(EndpointServer.number(answer) - x) > tolerance) {
          problems.add(answer.statusCode() + ": " + answer.body() + " (expected: " + x + ")");
        }
        answers.merge(EndpointServer.header(answer, "salver-model"), 1L, Long::sum);
      } catch (Exception e) {
        problems.add(e.toString());
      }
    }
  }

  /** What went wrong. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** How many answers each model gave. */
  Map<String, Long> answers() {
    return Map.copyOf(answers);
  }

  /** Returns once every client has had its last answer. */
  @Override
  public void close() throws InterruptedException {
    stopped.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
