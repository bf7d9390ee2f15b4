package io.salver.cost;

import io.salver.model.ModelVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds up what each version of each model used and its share of what the server used for all.
 *
 * <p>What the server's process used beyond the runs of models goes to the versions in proportion to
 * the time that their requests took to decode and encode; while there are no requests it goes to
 * nobody. A version that ended is kept; when there are too many, the one that used something
 * longest ago is forgotten. Used by one thread at a time.
 */
public final class CostLedger {
  /** How many versions are kept. */
  static final int MAX_VERSIONS = 10_000;

  private static final double NS_PER_SECOND = 1e9;
  private static final double BYTES_PER_GB = 1e9;
  private static final float LOAD_FACTOR = 0.75f;

  private final Map<ModelVersion, Account> accounts =
      new LinkedHashMap<>(16, LOAD_FACTOR, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ModelVersion, Account> eldest) {
          return size() > MAX_VERSIONS;
        }
      };

  /** Of the server's CPU time, what is to be shared; below zero if runs seem to have taken more. */
  private double sharedNs;

  private double unattributedNs;

  private static final class Account {
    private Usage usage = Usage.NONE;
    private double serverCpuNs;
  }

  /**
   * What a version came to so far.
   *
   * @param runCpuSeconds of the threads that ran it
   * @param workerCpuSeconds of its worker processes
   * @param serverCpuSeconds its share of what the server took for all
   */
  public record Entry(
      ModelVersion version,
      long predictions,
      long rows,
      double runCpuSeconds,
      double workerCpuSeconds,
      double serverCpuSeconds,
      double memoryGbSeconds,
      double acceleratorSeconds) {
    /** All CPU time. */
    public double cpuSeconds() {
      return runCpuSeconds + workerCpuSeconds + serverCpuSeconds;
    }

    /** What that costs. */
    public double cost(Prices prices) {
      return cpuSeconds() * prices.cpuSecond()
          + memoryGbSeconds * prices.memoryGbSecond()
          + acceleratorSeconds * prices.acceleratorSecond();
    }

    /** What a thousand predictions cost; 0 if there were none. */
    public double costPerThousand(Prices prices) {
      return predictions == 0 ? 0 : cost(prices) * 1000 / predictions;
    }
  }

  /**
   * Adds what was used since the last time.
   *
   * @param serverCpuNs of the server's process, the runs of models included, its workers not
   */
  public void add(long serverCpuNs, Map<ModelVersion, Usage> used) {
    sharedNs += serverCpuNs;
    double servingNs = 0;
    for (Usage usage : used.values()) {
      sharedNs -= usage.runCpuNs();
      servingNs += usage.servingNs();
    }
    double toShareNs = Math.max(0, sharedNs);
    sharedNs -= toShareNs;
    for (Map.Entry<ModelVersion, Usage> entry : used.entrySet()) {
      Usage usage = entry.getValue();
      if (!usage.equals(Usage.NONE)) {
        Account account = accounts.computeIfAbsent(entry.getKey(), _ -> new Account());
        account.usage = account.usage.plus(usage);
        account.serverCpuNs += servingNs == 0 ? 0 : toShareNs * usage.servingNs() / servingNs;
      }
    }
    if (servingNs == 0) {
      unattributedNs += toShareNs;
    }
  }

  /** What each version came to, by model, then by version. */
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    accounts.forEach((version, account) -> entries.add(entry(version, account)));
    entries.sort(
        Comparator.comparing((Entry entry) -> entry.version().model())
            .thenComparingLong(entry -> entry.version().version()));
    return entries;
  }

  private static Entry entry(ModelVersion version, Account account) {
    Usage usage = account.usage;
    return new Entry(
        version,
        usage.predictions(),
        usage.rows(),
        usage.runCpuNs() / NS_PER_SECOND,
        usage.workerCpuNs() / NS_PER_SECOND,
        account.serverCpuNs / NS_PER_SECOND,
        usage.memoryByteSeconds() / BYTES_PER_GB,
        usage.acceleratorSeconds());
  }

  /** CPU time of the server while no request shared it: its start, and when it was idle. */
  public double unattributedCpuSeconds() {
    return unattributedNs / NS_PER_SECOND;
  }
}
