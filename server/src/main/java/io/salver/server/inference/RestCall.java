package io.salver.server.inference;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.http.ExtraHeaders;
import io.salver.server.http.HttpExchange;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One REST request for a prediction: what is the same for all kinds. Confined to its loop. */
public final class RestCall {
  /** Writes failures the way that one API does. */
  public interface FailureWriter {
    /** Answers {@code exchange} with {@code failure}. */
    void fail(HttpExchange exchange, ServingException failure);
  }

  private final HttpExchange exchange;
  private final FailureWriter failures;
  private final long deadlineNs;
  private boolean answered;
  private boolean abandoned;
  private @Nullable Runnable onAbandoned;
  private @Nullable ExtraHeaders added;

  /**
   * A call that has just been read.
   *
   * @param timeout how long it waits for its answer at most; its headers may ask for less
   * @throws ServingException INVALID_ARGUMENT if those cannot be read
   */
  public RestCall(HttpExchange exchange, FailureWriter failures, Duration timeout) {
    this.exchange = exchange;
    this.failures = failures;
    String own = exchange.header(RequestHeaders.TIMEOUT);
    String envoy = exchange.header(RequestHeaders.ENVOY_TIMEOUT);
    this.deadlineNs = exchange.receivedNs() + RequestHeaders.timeoutNs(own, envoy, timeout);
    exchange.onAbandoned(this::abandon);
  }

  /** The request; not to be answered but through this. */
  public HttpExchange exchange() {
    return exchange;
  }

  /** When an answer is of no use any more, as {@link System#nanoTime()}. */
  public long deadlineNs() {
    return deadlineNs;
  }

  /** Its priority; 0 for the model's default. */
  public int priority() {
    return RequestHeaders.priority(exchange.header(RequestHeaders.PRIORITY));
  }

  /**
   * If there is no answer yet, sees that the caller is told at the deadline that none will come.
   */
  public void awaitAnswer() {
    if (!answered) {
      exchange.expireAt(deadlineNs, this::expire);
    }
  }

  /** Has {@code inquiry} answer, which ends if nobody waits any more. */
  public void awaitAnswerTo(VersionInquiry inquiry) {
    if (!inquiry.start()) {
      onAbandoned(inquiry::abandon);
      exchange.expireAt(deadlineNs, this::expire);
    }
  }

  private void abandon() {
    abandoned = true;
    if (onAbandoned != null) {
      onAbandoned.run();
    }
  }

  private void expire() {
    long waitedMs = (System.nanoTime() - exchange.receivedNs()) / 1_000_000;
    fail(
        new ServingException(
            Category.DEADLINE_EXCEEDED, "deadline exceeded " + waitedMs + " ms after the request"));
    abandon();
  }

  /** Runs {@code action} when nobody waits for the answer any more; asked for once. */
  public void onAbandoned(Runnable action) {
    onAbandoned = action;
    if (abandoned) {
      action.run();
    }
  }

  /** Whether nobody waits for the answer any more. */
  public boolean isAbandoned() {
    return abandoned;
  }

  /** Has the answer carry a header beside those that {@link #respond} is given. */
  public void addHeader(AsciiString lowerCaseName, AsciiString value) {
    if (added == null) {
      added = new ExtraHeaders();
    }
    added.add(lowerCaseName, value);
  }

  /** Answers, as {@link HttpExchange#respond(int, String, Map, ByteBuf)}. */
  public void respond(int status, String contentType, Map<String, String> headers, ByteBuf body) {
    answered = true;
    if (added != null) {
      exchange.addHeaders(added);
    }
    exchange.respond(status, contentType, headers, body);
  }

  /** Answers with a failure. */
  public void fail(ServingException failure) {
    answered = true;
    failures.fail(exchange, failure);
  }
}
