package io.salver.server.trace;

import io.salver.model.ModelVersion;
import io.salver.model.Routed;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.predict.Stage;
import io.salver.server.access.Principal;
import io.salver.server.inference.InferenceCall;
import io.salver.server.log.LogQueue;
import io.salver.server.metrics.Api;
import io.salver.server.net.Transfer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells sinks of requests that are over, on a thread of its own. What they do not keep up with is
 * dropped and counted. A request that no sink cares for costs what it takes to find that out.
 * Thread-safe.
 */
public final class RequestEvents implements AutoCloseable {
  private static final int QUEUE = 16_384;
  private static final long EVENT_BYTES = 512;
  private static final long MAX_QUEUED_BYTES = 16L << 20;

  private final Wishes wishes;
  private final LogQueue<RequestEvent> queue;

  /**
   * Which requests somebody cares for.
   *
   * @param all whether each of them
   * @param slowNs those that took so long; {@link Long#MAX_VALUE} for none
   * @param slowNsByModel the same, for the requests of single models
   * @param sampler chooses those that get spans
   */
  public record Wishes(
      boolean all, long slowNs, Map<String, Long> slowNsByModel, TraceSampler sampler) {
    public Wishes {
      slowNsByModel = Map.copyOf(slowNsByModel);
    }

    boolean isSlow(String model, long ns) {
      return ns >= (slowNsByModel.isEmpty() ? slowNs : slowNsByModel.getOrDefault(model, slowNs));
    }
  }

  /** Tells {@code sinks}, which are closed with this. */
  public RequestEvents(Wishes wishes, List<RequestSink> sinks) {
    this.wishes = wishes;
    this.queue = new LogQueue<>("request events", QUEUE, MAX_QUEUED_BYTES, new Fan(sinks));
  }

  /** Writes to each of several. */
  private record Fan(List<RequestSink> sinks) implements LogQueue.Writer<RequestEvent> {
    @Override
    public boolean write(RequestEvent event) {
      boolean all = true;
      for (RequestSink sink : sinks) {
        all &= sink.accept(event);
      }
      return all;
    }

    @Override
    public void flush() {
      sinks.forEach(RequestSink::flush);
    }

    @Override
    public void close() {
      sinks.forEach(RequestSink::close);
    }
  }

  /** A request that held a version is over. On the loop of its call. */
  public void finished(
      Api api, InferenceCall call, PredictRequest request, @Nullable ServingException failure) {
    ModelVersion version = request.lease().version();
    Transfer peer = call.transfer();
    TraceContext trace = trace(peer);
    boolean sampled = wishes.sampler().samples(trace);
    RequestEvent.Stages stages =
        new RequestEvent.Stages(
            request.stageNs(Stage.DECODE),
            request.stageNs(Stage.QUEUE),
            request.stageNs(Stage.BATCH),
            request.stageNs(Stage.RUN),
            request.stageNs(Stage.ENCODE));
    long totalNs = failure == null ? stages.totalNs() : System.nanoTime() - request.receivedNs();
    if (!sampled && !wishes.all() && !wishes.isSlow(version.model(), totalNs)) {
      return;
    }
    Routed routed = request.lease().routed();
    add(
        new RequestEvent(
            peer.remote(),
            principal(peer),
            api,
            call.method(),
            routed == null ? "" : routed.endpoint(),
            version.model(),
            version.version(),
            request.rows(),
            peer.requestBytes(),
            peer.responseBytes(),
            category(failure),
            message(failure),
            request.receivedNs(),
            totalNs,
            stages,
            routed == null ? "" : routed.predictionId(request),
            trace,
            sampled));
  }

  /** A request was refused before it held a version. On the loop of its call. */
  public void refused(Api api, InferenceCall call, ServingException failure, long receivedNs) {
    Transfer peer = call.transfer();
    TraceContext trace = trace(peer);
    boolean sampled = wishes.sampler().samples(trace);
    if (!sampled && !wishes.all()) {
      return;
    }
    add(
        new RequestEvent(
            peer.remote(),
            principal(peer),
            api,
            call.method(),
            "",
            call.model(),
            RequestEvent.NO_VERSION,
            0,
            peer.requestBytes(),
            peer.responseBytes(),
            category(failure),
            message(failure),
            receivedNs,
            System.nanoTime() - receivedNs,
            RequestEvent.Stages.NONE,
            "",
            trace,
            sampled));
  }

  private static String principal(Transfer peer) {
    String name = peer.principal().name();
    return name.equals(Principal.ANONYMOUS) ? "" : name;
  }

  private static @Nullable TraceContext trace(Transfer peer) {
    String parent = peer.header(TraceContext.PARENT);
    return parent == null ? null : TraceContext.parse(parent, peer.header(TraceContext.STATE));
  }

  private static @Nullable Category category(@Nullable ServingException failure) {
    return failure == null ? null : failure.category();
  }

  private static String message(@Nullable ServingException failure) {
    return failure == null ? "" : String.valueOf(failure.getMessage());
  }

  private void add(RequestEvent event) {
    queue.add(event, EVENT_BYTES + event.model().length() + event.message().length());
  }

  /** Events that were dropped, or that a sink could not take. */
  public long dropped() {
    return queue.dropped();
  }

  /** Tells what waits, and ends. */
  @Override
  public void close() {
    queue.close();
  }
}
