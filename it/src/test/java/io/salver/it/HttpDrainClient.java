package io.salver.it;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls by HTTP/1.1 on one connection that is kept alive. The server may close it with an answer
 * that says so. A request may meet a connection that is just being closed only if the connection
 * had been idle: then not a byte of an answer comes.
 */
final class HttpDrainClient implements DrainClient {
  private static final long IDLE_NS = Duration.ofMillis(100).toNanos();

  private final RawConnection connection;
  private final Queue<String> problems = new ConcurrentLinkedQueue<>();
  private final AtomicLong answered = new AtomicLong();

  HttpDrainClient(int port) throws IOException {
    this.connection = new RawConnection(port);
  }

  @Override
  public void run() {
    try (connection) {
      boolean open = true;
      long lastAnswerNs = System.nanoTime();
      while (open) {
        long idleNs = System.nanoTime() - lastAnswerNs;
        open = call((float) (answered.get() % 1000), idleNs);
        lastAnswerNs = System.nanoTime();
      }
    } catch (IOException e) {
      problems.add("HTTP after " + answered + ": " + e);
    }
  }

  /** Returns whether the connection is still open. */
  private boolean call(float x, long idleNs) throws IOException {
    connection.send(
        RawConnection.post("/v1/models/half_plus_two:predict", HalfPlusTwoCalls.json(x)));
    RawConnection.Answer answer;
    try {
      answer = connection.read();
    } catch (RawConnection.ClosedBeforeAnswer e) {
      if (idleNs < IDLE_NS) {
        throw e;
      }
      return false;
    }
    if (answer.status() != 200) {
      problems.add("HTTP after " + answered + ": " + answer);
    }
    HalfPlusTwoCalls.problem(x, answer.body()).ifPresent(problems::add);
    answered.incrementAndGet();
    return !answer.headers().getOrDefault("connection", "").equalsIgnoreCase("close");
  }

  @Override
  public long answered() {
    return answered.get();
  }

  @Override
  public List<String> problems() {
    return List.copyOf(problems);
  }
}
