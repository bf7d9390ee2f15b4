package io.salver.batching;

import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.Stage;
import java.util.Arrays;

/** Requests that are run together, in order. Used by one thread at a time. */
final class Group {
  private static final int INITIAL_SIZE = 8;

  private PredictRequest[] requests = new PredictRequest[INITIAL_SIZE];
  private Reply[] replies = new Reply[INITIAL_SIZE];
  private int size;
  private long rows;
  private long inputBytes;
  private long startNs;

  void add(PredictRequest request, Reply reply, long bytes) {
    if (size == requests.length) {
      requests = Arrays.copyOf(requests, 2 * size);
      replies = Arrays.copyOf(replies, 2 * size);
    }
    requests[size] = request;
    replies[size] = reply;
    size++;
    rows += request.rows();
    inputBytes += bytes;
  }

  /** Says that all of them stop waiting, as {@link System#nanoTime()}. */
  void start(long nowNs) {
    startNs = nowNs;
    for (int i = 0; i < size; i++) {
      requests[i].mark(Stage.QUEUE, nowNs);
    }
  }

  /** When they stopped waiting. */
  long startNs() {
    return startNs;
  }

  int size() {
    return size;
  }

  /** The rows of all requests together. */
  long rows() {
    return rows;
  }

  /** The bytes of all inputs together. */
  long inputBytes() {
    return inputBytes;
  }

  PredictRequest request(int i) {
    return requests[i];
  }

  Reply reply(int i) {
    return replies[i];
  }

  /** The rows of the requests from {@code from} to before {@code to}. */
  long rows(int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) {
      sum += requests[i].rows();
    }
    return sum;
  }

  /** When the last of these requests' answers is of no use any more. */
  long lastDeadlineNs(int from, int to) {
    long last = requests[from].deadlineNs();
    for (int i = from + 1; i < to && last != Long.MAX_VALUE; i++) {
      long deadlineNs = requests[i].deadlineNs();
      if (deadlineNs == Long.MAX_VALUE || deadlineNs - last > 0) {
        last = deadlineNs;
      }
    }
    return last;
  }
}
