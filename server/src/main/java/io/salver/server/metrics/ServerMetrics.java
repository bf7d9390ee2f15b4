package io.salver.server.metrics;

import io.salver.tensor.NativeMemory;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** What the server's other parts count themselves. Thread-safe if the suppliers are. */
public final class ServerMetrics implements MetricSource {
  private final LongSupplier inflightRequests;
  private final LongSupplier openConnections;
  private final Map<String, LongSupplier> dropped;

  /**
   * Metrics of a server.
   *
   * @param inflightRequests requests received and not yet answered
   * @param openConnections connections that clients hold open now
   * @param dropped for each kind of thing that is dropped rather than waited for, how many were
   */
  public ServerMetrics(
      LongSupplier inflightRequests,
      LongSupplier openConnections,
      Map<String, LongSupplier> dropped) {
    this.inflightRequests = inflightRequests;
    this.openConnections = openConnections;
    this.dropped = new TreeMap<>(dropped);
  }

  @Override
  public void writeTo(MetricWriter out) {
    out.gauge("salver_inflight_requests", "Requests received and not yet answered.");
    out.sample("", inflightRequests.getAsLong());
    out.gauge("salver_connections", "Connections that are open.");
    out.sample("", openConnections.getAsLong());
    out.counter("salver_dropped_total", "Things dropped rather than waited for.");
    dropped.forEach(
        (what, count) -> out.sample(MetricWriter.labels("what", what), count.getAsLong()));
    out.gauge(
        "salver_native_memory_bytes", "Memory outside the heap that Salver allocated itself.");
    out.sample("", NativeMemory.liveBytes());
  }
}
