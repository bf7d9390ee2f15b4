package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import java.time.Duration;

/** One REST request for a prediction: what is the same for all kinds. Confined to its loop. */
final class RestCall {
  private final HttpExchange exchange;
  private final RestCodec codec;
  private final RestAnswers answers;
  private final long deadlineNs;
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

  boolean isAbandoned() {
    return abandoned;
  }

  /** Answers with what the codec's writer holds. */
  void answer() {
    answers.send(exchange, RestStatus.OK, codec.writer());
  }

  void fail(ServingException failure) {
    answers.fail(exchange, failure);
  }
}
