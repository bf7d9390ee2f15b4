package io.salver.server.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import io.salver.server.inference.InferenceCall;
import io.salver.server.metrics.Api;
import io.salver.server.metrics.FakeServedModels;
import io.salver.server.metrics.Method;
import io.salver.server.net.Transfer;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestEventsTest {
  private static final String SAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private final List<RequestEvent> seen = new ArrayList<>();
  private final ArenaPool pool = new ArenaPool(1024);
  private final TensorArena arena = pool.take();

  @AfterEach
  void close() {
    arena.close();
    pool.close();
  }

  /** A call that is over, of a caller that says so of its trace. */
  private record Over(@Nullable String traceparent) implements InferenceCall {
    @Override
    public Method method() {
      return Method.PREDICT;
    }

    @Override
    public String model() {
      return "half";
    }

    @Override
    public Transfer transfer() {
      return name -> name.equals("traceparent") ? traceparent : null;
    }

    @Override
    public long deadlineNs() {
      return Long.MAX_VALUE;
    }

    @Override
    public @Nullable ModelLease lease(ServedModels models, LeaseWaiter waiter) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void keep(TensorArena kept) {}

    @Override
    public PredictRequest decode(ModelLease lease, TensorArena arena) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void onCancel(Runnable action) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void answer(PredictRequest request) {}

    @Override
    public void fail(ServingException failure) {}
  }

  private RequestEvents events(boolean all, long slowNs) {
    RequestSink notes =
        event -> {
          seen.add(event);
          return true;
        };
    return new RequestEvents(
        new RequestEvents.Wishes(all, slowNs, Map.of(), new TraceSampler(0)), List.of(notes));
  }

  private PredictRequest request(long runNs) {
    PredictRequest request =
        new PredictRequest(
            FakeServedModels.lease(new ModelVersion("half", 3)),
            new Signature("p", "", List.of(), List.of()),
            new Tensor[0],
            null,
            arena,
            1_000,
            Long.MAX_VALUE);
    request.mark(Stage.DECODE, 1_010);
    request.mark(Stage.RUN, 1_010 + runNs);
    return request;
  }

  @Test
  void onlyWhatSomebodyCaresForIsTold() {
    try (RequestEvents events = events(false, 500)) {
      events.finished(Api.GRPC, new Over(null), request(400), null);
      events.finished(Api.GRPC, new Over(null), request(490), null);
      events.finished(Api.GRPC, new Over(SAMPLED), request(1), null);
      events.refused(
          Api.GRPC, new Over(null), new ServingException(Category.NOT_FOUND, "no"), 1_000);
      events.refused(
          Api.GRPC, new Over(SAMPLED), new ServingException(Category.NOT_FOUND, "no"), 1_000);
    }
    assertThat(seen).hasSize(3);
    assertThat(seen.get(0).totalNs()).isEqualTo(500);
    assertThat(seen.get(0).sampled()).isFalse();
    assertThat(seen.get(1).sampled()).isTrue();
    assertThat(seen.get(1).trace().traceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(seen.get(2).version()).isEqualTo(RequestEvent.NO_VERSION);
  }

  @Test
  void anEventSaysHowTheRequestEnded() {
    try (RequestEvents events = events(true, Long.MAX_VALUE)) {
      events.finished(Api.OIP_REST, new Over(null), request(40), null);
      events.finished(
          Api.REST, new Over(null), request(40), new ServingException(Category.INTERNAL, "broken"));
    }
    assertThat(seen.get(0).stages()).isEqualTo(new RequestEvent.Stages(10, 0, 0, 40, 0));
    assertThat(seen.get(0).status()).isEqualTo("OK");
    assertThat(seen.get(0).remoteText()).isEmpty();
    assertThat(seen.get(1).status()).isEqualTo("INTERNAL");
    assertThat(seen.get(1).message()).isEqualTo("broken");
    assertThat(seen.get(1).version()).isEqualTo(3);
  }

  @Test
  void aSinkThatCannotIsCounted() {
    RequestEvents.Wishes all =
        new RequestEvents.Wishes(true, Long.MAX_VALUE, Map.of(), new TraceSampler(0));
    RequestEvents events = new RequestEvents(all, List.of(event -> false));
    try (events) {
      events.finished(Api.REST, new Over(null), request(1), null);
    }
    assertThat(events.dropped()).isEqualTo(1);
  }
}
