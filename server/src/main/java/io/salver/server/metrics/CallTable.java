package io.salver.server.metrics;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** A {@link CallRecorder} for each API and method, made when the first request of its kind ends. */
final class CallTable {
  /** Takes what the table holds. */
  @FunctionalInterface
  interface Visitor {
    void visit(Api api, Method method, CallRecorder calls);
  }

  private final AtomicReferenceArray<@Nullable CallRecorder> recorders =
      new AtomicReferenceArray<>(Api.COUNT * Method.COUNT);
  private final Buckets latencyBuckets;
  private final boolean timesFailures;

  CallTable(Buckets latencyBuckets, boolean timesFailures) {
    this.latencyBuckets = latencyBuckets;
    this.timesFailures = timesFailures;
  }

  CallRecorder of(Api api, Method method) {
    int i = api.ordinal() * Method.COUNT + method.ordinal();
    CallRecorder recorder = recorders.get(i);
    return recorder != null ? recorder : create(i);
  }

  private CallRecorder create(int i) {
    CallRecorder fresh = new CallRecorder(latencyBuckets, timesFailures);
    CallRecorder before = recorders.compareAndExchange(i, null, fresh);
    return before != null ? before : fresh;
  }

  void forEach(Visitor visitor) {
    for (int i = 0; i < recorders.length(); i++) {
      CallRecorder recorder = recorders.get(i);
      if (recorder != null) {
        visitor.visit(Api.of(i / Method.COUNT), Method.of(i % Method.COUNT), recorder);
      }
    }
  }
}
