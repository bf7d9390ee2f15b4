package io.salver.server.cost;

import io.salver.batching.RunStatistics;
import io.salver.batching.ThreadCpu;
import io.salver.cost.CostLedger;
import io.salver.cost.Prices;
import io.salver.cost.Usage;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import io.salver.model.ModelVersion;
import io.salver.server.metrics.MetricSource;
import io.salver.server.metrics.MetricWriter;
import io.salver.server.metrics.ModelResources;
import io.salver.server.metrics.PredictionMetrics;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * Keeps the {@link CostLedger} of a server: reads every few seconds, and whenever it is asked, what
 * models used since. What a version that is loaded and gone between two readings used is not seen.
 *
 * <p>Thread-safe. Nothing of it runs on a thread that serves requests.
 */
public final class CostMeter implements MetricSource, AutoCloseable {
  private static final Logger LOG = System.getLogger(CostMeter.class.getName());
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final double NS_PER_SECOND = 1e9;

  private final ServedModels served;
  private final PredictionMetrics predictions;
  private final Config config;
  private final LongSupplier nanoClock;
  private final LongSupplier processCpuNs;
  private final CountDownLatch closed = new CountDownLatch(1);

  // Guarded by this.
  private final CostLedger ledger = new CostLedger();
  private final Map<ModelVersion, VersionMeter> meters = new HashMap<>();
  private long readNs;
  private long readCpuNs;

  /**
   * What things cost.
   *
   * @param accelerators how many accelerators the runs of a model use, by model; of others none
   */
  public record Config(Prices prices, Map<String, Integer> accelerators) {
    public Config {
      accelerators.forEach((model, count) -> {
        if (count < 0) {
          throw new IllegalArgumentException(
              "accelerators." + model + ": " + count + " (expected: >= 0)");
        }
      });
      accelerators = Map.copyOf(accelerators);
    }
  }

  /** A meter of this process, which reads only when it is asked until {@link #start}. */
  public CostMeter(ServedModels served, PredictionMetrics predictions, Config config) {
    this(served, predictions, config, System::nanoTime, CostMeter::processCpuNs);
  }

  CostMeter(
      ServedModels served,
      PredictionMetrics predictions,
      Config config,
      LongSupplier nanoClock,
      LongSupplier processCpuNs) {
    this.served = served;
    this.predictions = predictions;
    this.config = config;
    this.nanoClock = nanoClock;
    this.processCpuNs = processCpuNs;
    this.readNs = nanoClock.getAsLong();
  }

  private static long processCpuNs() {
    return ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }

  /** Reads again and again until this is closed, and has the CPU time of runs measured. */
  public void start() {
    var unused = Thread.ofPlatform().daemon().name("salver-costs").start(this::readOften);
  }

  private void readOften() {
    try {
      while (!closed.await(INTERVAL.toNanos(), TimeUnit.NANOSECONDS)) {
        ThreadCpu.enable();
        read();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "Costs are not read any more", e);
    }
  }

  private synchronized void read() {
    long nowNs = nanoClock.getAsLong();
    double seconds = (nowNs - readNs) / NS_PER_SECOND;
    readNs = nowNs;
    Map<ModelVersion, Usage> used = new HashMap<>();
    Set<ModelVersion> present = new HashSet<>();
    for (ModelStatus model : served.statuses()) {
      for (VersionStatus version : model.versions()) {
        if (version.state() != VersionState.END) {
          ModelVersion id = new ModelVersion(model.name(), version.version());
          present.add(id);
          used.put(id, read(id, version.state() == VersionState.AVAILABLE, seconds));
        }
      }
    }
    for (ModelVersion gone : Set.copyOf(meters.keySet())) {
      if (!present.contains(gone)) {
        used.put(gone, read(gone, false, seconds));
        meters.remove(gone);
      }
    }
    long cpuNs = processCpuNs.getAsLong();
    ledger.add(cpuNs - readCpuNs, used);
    readCpuNs = cpuNs;
  }

  private Usage read(ModelVersion version, boolean available, double seconds) {
    Optional<RunStatistics> runs = available ? served.statistics(version) : Optional.empty();
    Optional<ModelResources> held =
        available ? ModelResources.of(served, version) : Optional.empty();
    int accelerators = config.accelerators().getOrDefault(version.model(), 0);
    return meters
        .computeIfAbsent(version, _ -> new VersionMeter(accelerators))
        .read(runs, held, served(version), seconds);
  }

  private Served served(ModelVersion version) {
    return predictions.totals(version).map(Served::of).orElse(Served.NOTHING);
  }

  /** What each version came to until now, and what time of the server was nobody's. */
  public record Report(
      Prices prices, List<CostLedger.Entry> entries, double unattributedCpuSeconds) {}

  /** Reads, and says what all came to. Takes milliseconds. */
  public synchronized Report report() {
    read();
    return new Report(config.prices(), ledger.entries(), ledger.unattributedCpuSeconds());
  }

  @Override
  public void writeTo(MetricWriter out) {
    Report report = report();
    out.counter("salver_cpu_seconds_total", "CPU time, by what it was taken for.");
    for (CostLedger.Entry entry : report.entries()) {
      part(out, entry, "run", entry.runCpuSeconds());
      part(out, entry, "worker", entry.workerCpuSeconds());
      part(out, entry, "server", entry.serverCpuSeconds());
    }
    out.sample(
        MetricWriter.labels("model", "", "version", "", "part", "server"),
        report.unattributedCpuSeconds());
    out.counter(
        "salver_memory_gb_seconds_total", "Memory of loaded versions, times how long they had it.");
    write(out, report, CostLedger.Entry::memoryGbSeconds);
    out.counter("salver_accelerator_seconds_total", "Accelerators that runs used, times how long.");
    write(out, report, CostLedger.Entry::acceleratorSeconds);
    out.counter("salver_cost_total", "What CPU, memory and accelerators cost, at the set prices.");
    write(out, report, entry -> entry.cost(report.prices()));
  }

  private static void part(
      MetricWriter out, CostLedger.Entry entry, String part, double cpuSeconds) {
    out.sample(labels(entry) + "," + MetricWriter.labels("part", part), cpuSeconds);
  }

  private static void write(
      MetricWriter out, Report report, ToDoubleFunction<CostLedger.Entry> value) {
    report.entries().forEach(entry -> out.sample(labels(entry), value.applyAsDouble(entry)));
  }

  private static String labels(CostLedger.Entry entry) {
    ModelVersion version = entry.version();
    return MetricWriter.labels(
        "model", version.model(), "version", Long.toString(version.version()));
  }

  /** The report as JSON, as {@code GET /v1/costs} answers it. */
  public byte[] json() {
    return CostJson.of(report());
  }

  /** Reads no more by itself. */
  @Override
  public void close() {
    closed.countDown();
  }
}
