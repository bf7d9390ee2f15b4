package io.salver.server.telemetry;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.salver.predict.Stage;
import io.salver.server.trace.EventClock;
import io.salver.server.trace.RequestEvent;
import io.salver.server.trace.RequestSink;
import io.salver.server.trace.TraceContext;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes spans of requests that were sampled: one for the request, as a child of its caller's if
 * that said so, and under it one for each stage. Used by one thread.
 */
final class SpanSink implements RequestSink {
  private static final TextMapGetter<TraceContext> HEADERS =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(TraceContext caller) {
          return List.of(TraceContext.PARENT, TraceContext.STATE);
        }

        @Override
        public @Nullable String get(@Nullable TraceContext caller, String key) {
          if (caller == null) {
            return null;
          }
          return switch (key) {
            case TraceContext.PARENT ->
                "00-" + caller.traceId() + "-" + caller.spanId() + "-" + caller.flags();
            case TraceContext.STATE -> caller.state();
            default -> null;
          };
        }
      };

  private final SdkTracerProvider provider;
  private final Tracer tracer;
  private final EventClock clock;

  SpanSink(SdkTracerProvider provider, String version) {
    this(provider, version, EventClock.SYSTEM);
  }

  SpanSink(SdkTracerProvider provider, String version, EventClock clock) {
    this.provider = provider;
    this.tracer = provider.get(Telemetry.SCOPE, version);
    this.clock = clock;
  }

  @Override
  public boolean accept(RequestEvent event) {
    if (!event.sampled()) {
      return true;
    }
    Instant start = clock.at(event.receivedNs());
    Span span = begin(event, start);
    Context here = Context.root().with(span);
    Instant at = start;
    for (Stage stage : Stage.values()) {
      long ns = event.stages().ns(stage);
      if (ns != 0) {
        Instant end = at.plusNanos(ns);
        tracer
            .spanBuilder(stage.name().toLowerCase(Locale.ROOT))
            .setParent(here)
            .setStartTimestamp(at)
            .startSpan()
            .end(end);
        at = end;
      }
    }
    span.end(start.plusNanos(event.totalNs()));
    return true;
  }

  private Span begin(RequestEvent event, Instant start) {
    TraceContext caller = event.trace();
    Context parent =
        caller == null
            ? Context.root()
            : W3CTraceContextPropagator.getInstance().extract(Context.root(), caller, HEADERS);
    String target = event.endpoint().isEmpty() ? event.model() : event.endpoint();
    SpanBuilder builder =
        tracer
            .spanBuilder(event.method().label() + " " + target)
            .setSpanKind(SpanKind.SERVER)
            .setParent(parent)
            .setStartTimestamp(start)
            .setAttribute("salver.model", event.model())
            .setAttribute("salver.rows", event.rows())
            .setAttribute("salver.api", event.api().name())
            .setAttribute("salver.status", event.status())
            .setAttribute("salver.request.bytes", event.requestBytes())
            .setAttribute("salver.response.bytes", event.responseBytes());
    if (event.version() != RequestEvent.NO_VERSION) {
      builder.setAttribute("salver.version", event.version());
    }
    set(builder, "client.address", event.remoteText());
    set(builder, "salver.endpoint", event.endpoint());
    set(builder, "salver.prediction_id", event.predictionId());
    Span span = builder.startSpan();
    if (event.failure() != null) {
      span.setAttribute("error.type", event.status());
      span.setStatus(StatusCode.ERROR, event.message());
    }
    return span;
  }

  private static void set(SpanBuilder span, String name, String value) {
    if (!value.isEmpty()) {
      span.setAttribute(name, value);
    }
  }

  @Override
  public void close() {
    provider.close();
  }
}
