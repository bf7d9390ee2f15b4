package io.salver.server.tfserving;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import java.time.Duration;

/** One REST request for a prediction: what is the same for all kinds. Confined to its loop. */
final class RestCall {
  private final HttpExchange exchange;
  private final RestCodec codec;
  private final RestAnswers answers;
  private final long deadlineNs;
  private boolean answered;
  private boolean abandoned;

  RestCall(HttpExchange exchange, RestCodec codec, RestAnswers answers, Duration timeout) {
    this.exchange = exchange;
    this.codec = codec;
    this.answers = answers;
    this.deadlineNs = exchange.receivedNs() + timeout.toNanos();
    exchange.onAbandoned(() -> abandoned = true);
  }

  HttpExchange exchange() {
    return exchange;
  }

  RestCodec codec() {
    return codec;
  }

  long deadlineNs() {
    return deadlineNs;
  }

  /**
   * If there is no answer yet, sees that the caller is told at the deadline that none will come.
   */
  void awaitAnswer() {
    if (!answered) {
      exchange.expireAt(deadlineNs, this::expire);
    }
  }

  private void expire() {
    abandoned = true;
    long waitedMs = (System.nanoTime() - exchange.receivedNs()) / 1_000_000;
    fail(
        new ServingException(
            Category.DEADLINE_EXCEEDED, "deadline exceeded " + waitedMs + " ms after the request"));
  }

  boolean isAbandoned() {
    return abandoned;
  }

  /** Answers with what the codec's writer holds. */
  void answer() {
    answered = true;
    answers.send(exchange, RestStatus.OK, codec.writer());
  }

  void fail(ServingException failure) {
    answered = true;
    answers.fail(exchange, failure);
  }
}
