package io.salver.batching;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What the runs of one version came to, by the number of rows that a run had: the counters of
 * Triton's statistics extension. Only runs that succeeded count.
 *
 * <p>Thread-safe. Adding takes no lock. What is read while runs end may lack parts of the last
 * ones.
 */
public final class RunStatistics {
  private static final int EXACT_SIZES = 1024;
  private static final int SIZES = EXACT_SIZES + 1 + Long.SIZE;

  /** Sizes up to {@link #EXACT_SIZES} each have a cell, larger ones share one by powers of two. */
  private final AtomicReferenceArray<@Nullable Cell> cells = new AtomicReferenceArray<>(SIZES);

  private final LongAdder rows = new LongAdder();
  private final LongAdder requests = new LongAdder();
  private final LongAdder paddingRows = new LongAdder();
  private final LongAdder queued = new LongAdder();
  private final LongAdder measuredNs = new LongAdder();
  private final LongAdder measuredCpuNs = new LongAdder();
  private final LongAdder[] dropped = adders(Drop.values().length);

  /** Why a request was not run. */
  public enum Drop {
    /** Its caller went away. */
    CANCELLED,
    /** Its deadline passed while it waited. */
    DEADLINE,
    /** It waited as long as it may. */
    QUEUE_TIMEOUT,
    /** There was no place for it. */
    QUEUE_FULL,
    /** It was not expected to be answered in time. */
    OVERLOAD
  }

  /**
   * The runs of one size.
   *
   * @param batchSize rows that each of them had; above 1024 rounded up to a power of two
   * @param count how many there were
   * @param inputNs nanoseconds spent on putting their inputs together
   * @param inferNs nanoseconds spent in the engine
   * @param outputNs nanoseconds spent on taking their outputs apart
   */
  public record Size(long batchSize, long count, long inputNs, long inferNs, long outputNs) {}

  private record Cell(LongAdder count, LongAdder inputNs, LongAdder inferNs, LongAdder outputNs) {
    Cell() {
      this(new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder());
    }
  }

  /**
   * Counts a run.
   *
   * @param rows rows that were asked for, without padding; at least 0
   * @param requests requests that it answered
   */
  public void ran(long rows, int requests, long gatherNs, long runNs, long scatterNs) {
    this.rows.add(rows);
    this.requests.add(requests);
    Cell cell = cell(index(rows));
    cell.count.increment();
    cell.inputNs.add(gatherNs);
    cell.inferNs.add(runNs);
    cell.outputNs.add(scatterNs);
  }

  /** Begins anew, as if nothing had been run. What is added meanwhile may be lost or not. */
  public void reset() {
    for (int i = 0; i < SIZES; i++) {
      cells.set(i, null);
    }
    rows.reset();
    requests.reset();
    paddingRows.reset();
    measuredNs.reset();
    measuredCpuNs.reset();
    for (LongAdder count : dropped) {
      count.reset();
    }
  }

  private static LongAdder[] adders(int count) {
    LongAdder[] adders = new LongAdder[count];
    Arrays.setAll(adders, i -> new LongAdder());
    return adders;
  }

  /**
   * Says what one run, of those that are measured, took.
   *
   * @param runNs nanoseconds in the engine
   * @param cpuNs nanoseconds of the thread's CPU time meanwhile
   */
  public void measured(long runNs, long cpuNs) {
    measuredNs.add(runNs);
    measuredCpuNs.add(cpuNs);
  }

  /** Counts rows that were added to a run to give it an allowed size. */
  void padded(long rows) {
    if (rows != 0) {
      paddingRows.add(rows);
    }
  }

  /** Counts a request that was not run. */
  void dropped(Drop reason) {
    dropped[reason.ordinal()].increment();
  }

  /** Says that so many more requests wait, or fewer. */
  void queued(long more) {
    queued.add(more);
  }

  private Cell cell(int index) {
    Cell cell = cells.get(index);
    if (cell != null) {
      return cell;
    }
    Cell made = new Cell();
    Cell earlier = cells.compareAndExchange(index, null, made);
    return earlier == null ? made : earlier;
  }

  private static int index(long rows) {
    return rows <= EXACT_SIZES
        ? (int) rows
        : EXACT_SIZES + Long.SIZE - Long.numberOfLeadingZeros(rows - 1);
  }

  private static long batchSize(int index) {
    return index <= EXACT_SIZES ? index : 1L << index - EXACT_SIZES;
  }

  /** Runs. */
  public long executions() {
    return bySize().stream().mapToLong(Size::count).sum();
  }

  /** Rows, without padding, in all runs together. */
  public long rows() {
    return rows.sum();
  }

  /** Requests that the runs answered. */
  public long requests() {
    return requests.sum();
  }

  /** Rows that were added to runs to give them an allowed size. */
  public long paddingRows() {
    return paddingRows.sum();
  }

  /** Nanoseconds that all runs spent in the engine. */
  public long runNs() {
    return bySize().stream().mapToLong(Size::inferNs).sum();
  }

  /** Nanoseconds in the engine of those runs whose CPU time was measured. */
  public long measuredNs() {
    return measuredNs.sum();
  }

  /** The CPU time of the same runs, in nanoseconds, on the threads that called the engine. */
  public long measuredCpuNs() {
    return measuredCpuNs.sum();
  }

  /** Requests that were not run for this reason. */
  public long drops(Drop reason) {
    return dropped[reason.ordinal()].sum();
  }

  /** Requests that wait for an instance now. */
  public long queued() {
    return Math.max(0, queued.sum());
  }

  /** The sizes that were run, smallest first. */
  public List<Size> bySize() {
    List<Size> sizes = new ArrayList<>();
    for (int i = 0; i < SIZES; i++) {
      Cell cell = cells.get(i);
      if (cell != null) {
        sizes.add(
            new Size(
                batchSize(i),
                cell.count.sum(),
                cell.inputNs.sum(),
                cell.inferNs.sum(),
                cell.outputNs.sum()));
      }
    }
    return sizes;
  }
}
