package io.salver.server.console;

import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import io.salver.model.ModelVersion;
import io.salver.server.json.JsonWriter;
import io.salver.server.metrics.PredictionMetrics;
import io.salver.tensor.NativeMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The server's state as an event: what each version is doing, with rates since the event before and
 * times over the last {@link #WINDOW} events. Asked by one thread at a time.
 */
final class ServerState {
  /** Over how many events times are averaged and quantiles taken. */
  static final int WINDOW = 10;

  private static final byte[] HEAD = "event: state\ndata: ".getBytes(StandardCharsets.US_ASCII);

  private final ServedModels models;
  private final PredictionMetrics metrics;
  private final Map<String, LongSupplier> gauges;
  private final String salverVersion;
  private final LongSupplier nanoClock;
  private final LongSupplier epochMillis;
  private final JsonWriter out = new JsonWriter();

  /** The last samples of each version, oldest first. */
  private final Map<ModelVersion, ArrayDeque<VersionSample>> history = new HashMap<>();

  /**
   * The state of a server.
   *
   * @param gauges further numbers to tell, by their names
   * @param nanoClock as {@link System#nanoTime()}
   * @param epochMillis as {@link System#currentTimeMillis()}
   */
  ServerState(
      ServedModels models,
      PredictionMetrics metrics,
      Map<String, LongSupplier> gauges,
      String salverVersion,
      LongSupplier nanoClock,
      LongSupplier epochMillis) {
    this.models = models;
    this.metrics = metrics;
    this.gauges = Map.copyOf(gauges);
    this.salverVersion = salverVersion;
    this.nanoClock = nanoClock;
    this.epochMillis = epochMillis;
  }

  /** Forgets what was sampled. */
  synchronized void forget() {
    history.clear();
  }

  /** An event of what is now. */
  synchronized byte[] event() {
    out.clear();
    long nowNs = nanoClock.getAsLong();
    List<ModelStatus> statuses = models.statuses();
    writeServer();
    Set<ModelVersion> live = new HashSet<>();
    for (int i = 0; i < statuses.size(); i++) {
      out.raw(i == 0 ? "" : ",");
      writeModel(statuses.get(i), nowNs, live);
    }
    out.raw("]}\n\n");
    history.keySet().retainAll(live);
    byte[] event = new byte[HEAD.length + out.size()];
    System.arraycopy(HEAD, 0, event, 0, HEAD.length);
    System.arraycopy(out.array(), 0, event, HEAD.length, out.size());
    return event;
  }

  private void writeServer() {
    Runtime java = Runtime.getRuntime();
    out.raw("{\"time\":").value(epochMillis.getAsLong());
    out.raw(",\"salver\":").string(salverVersion);
    out.raw(",\"ready\":").value(models.isReady());
    out.raw(",\"heap_bytes\":").value(java.totalMemory() - java.freeMemory());
    out.raw(",\"native_bytes\":").value(NativeMemory.liveBytes());
    gauges.forEach((name, gauge) -> out.raw(",\"" + name + "\":").value(gauge.getAsLong()));
    out.raw(",\"models\":[");
  }

  private void writeModel(ModelStatus model, long nowNs, Set<ModelVersion> live) {
    StateJson.beginModel(model, out);
    boolean first = true;
    for (VersionStatus status : model.versions()) {
      out.raw(first ? "" : ",");
      first = false;
      StateJson.beginVersion(status, out);
      if (status.state() == VersionState.AVAILABLE || status.state() == VersionState.UNLOADING) {
        ModelVersion version = new ModelVersion(model.name(), status.version());
        live.add(version);
        writeLive(version, nowNs);
      }
      out.raw('}');
    }
    out.raw("]}");
  }

  private void writeLive(ModelVersion version, long nowNs) {
    ArrayDeque<VersionSample> samples = history.computeIfAbsent(version, _ -> new ArrayDeque<>());
    VersionSample now = VersionSample.of(version, models, metrics, nowNs);
    VersionSample last = samples.isEmpty() ? now : samples.getLast();
    VersionSample first = samples.isEmpty() ? now : samples.getFirst();
    if (now.totals() != null) {
      StateJson.predictions(
          now.totals(), last.totals(), now.secondsSince(last), first.totals(), out);
    }
    StateJson.batches(
        first.batchRows().length == now.batchRows().length
            ? BatchRows.since(now.batchRows(), first.batchRows())
            : now.batchRows(),
        now.queued(),
        out);
    if (now.cache() != null) {
      StateJson.cache(now.cache(), out);
    }
    samples.addLast(now);
    if (samples.size() > WINDOW) {
      samples.removeFirst();
    }
  }
}
