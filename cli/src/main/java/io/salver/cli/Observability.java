package io.salver.cli;

import io.salver.cli.config.AccessLogConfig;
import io.salver.cli.config.ObserveConfig;
import io.salver.cli.config.SlowLogConfig;
import io.salver.cli.config.TelemetryConfig;
import io.salver.lifecycle.ServedModels;
import io.salver.server.cost.CostMeter;
import io.salver.server.metrics.MetricPage;
import io.salver.server.metrics.PredictionMetrics;
import io.salver.server.telemetry.Telemetry;
import io.salver.server.trace.AccessLog;
import io.salver.server.trace.RequestEvents;
import io.salver.server.trace.RequestSink;
import io.salver.server.trace.SlowLog;
import io.salver.server.trace.TraceSampler;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What is told of requests, as it is configured: costs, logs of requests, spans and metrics. */
final class Observability implements AutoCloseable {
  private static final Logger SLOW = System.getLogger("io.salver.slow");

  private final CostMeter costs;
  private final @Nullable Telemetry telemetry;
  private final boolean sendsMetrics;
  private final @Nullable RequestEvents events;

  Observability(ObserveConfig config, ServedModels models, PredictionMetrics predictions) {
    this.costs = new CostMeter(models, predictions, config.costs());
    this.telemetry =
        config
            .telemetry()
            .receiver()
            .map(receiver -> new Telemetry(receiver, SalverVersion.VERSION))
            .orElse(null);
    this.sendsMetrics = config.telemetry().metrics();
    this.events = events(config, telemetry);
  }

  private static @Nullable RequestEvents events(
      ObserveConfig config, @Nullable Telemetry telemetry) {
    RequestEvents.Wishes wishes = wishes(config);
    List<RequestSink> sinks = new ArrayList<>();
    AccessLogConfig access = config.accessLog();
    switch (access.output()) {
      case OFF -> {}
      case STDOUT ->
          sinks.add(
              AccessLog.to(
                  new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)),
                  access.format()));
      case FILES ->
          sinks.add(
              AccessLog.toFiles(
                  access.directory().orElseThrow(),
                  access.format(),
                  access.maxFileBytes(),
                  access.maxFiles()));
    }
    if (config.slowLog().isOn()) {
      sinks.add(new SlowLog(wishes, line -> SLOW.log(Level.WARNING, line)));
    }
    if (telemetry != null && config.telemetry().traces()) {
      sinks.add(telemetry.spans());
    }
    return sinks.isEmpty() ? null : new RequestEvents(wishes, sinks);
  }

  private static RequestEvents.Wishes wishes(ObserveConfig config) {
    SlowLogConfig slow = config.slowLog();
    Map<String, Long> byModel = new HashMap<>();
    slow.models().forEach((model, threshold) -> byModel.put(model, slowNs(threshold)));
    return new RequestEvents.Wishes(
        config.accessLog().output() != AccessLogConfig.Output.OFF,
        slowNs(slow.threshold()),
        byModel,
        sampler(config.telemetry()));
  }

  private static TraceSampler sampler(TelemetryConfig config) {
    return config.receiver().isPresent() && config.traces()
        ? new TraceSampler(config.sampling())
        : TraceSampler.NEVER;
  }

  private static long slowNs(Duration threshold) {
    return threshold.isZero() ? Long.MAX_VALUE : threshold.toNanos();
  }

  CostMeter costs() {
    return costs;
  }

  /** Told of each request, if anybody cares. */
  @Nullable RequestEvents events() {
    return events;
  }

  /** What was dropped rather than waited for. */
  Map<String, LongSupplier> dropped() {
    RequestEvents told = events;
    return told == null ? Map.of() : Map.of("request_events", told::dropped);
  }

  /** Begins what is done again and again. */
  void start(MetricPage metrics) {
    costs.start();
    if (telemetry != null && sendsMetrics) {
      telemetry.sendMetrics(metrics);
    }
  }

  @Override
  public void close() {
    costs.close();
    if (telemetry != null) {
      telemetry.close();
    }
    if (events != null) {
      events.close();
    }
  }
}
