package io.salver.lifecycle;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The memory budget, as it stands in one pass over the models: what is in use, and what has been
 * promised to those that wait for others to be unloaded. Whoever is asked for first has the first
 * claim: what is promised to one is not given to the next.
 *
 * <p>Confined to the pass.
 */
final class MemoryLedger {
  /** What the answer to a wish for memory is. */
  enum Verdict {
    /** It is there. */
    FITS,
    /** It will be there when others have been unloaded. */
    LATER,
    /** What stays loaded leaves too little. */
    NEVER
  }

  private final long budgetBytes;
  private final List<Long> promises = new ArrayList<>();
  private final Set<VersionRecord> promised = new HashSet<>();
  private long usedBytes;
  private long fixedBytes;
  private long leavingBytes;
  private long promisedBytes;

  private MemoryLedger(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  /** The ledger with what these models take now. */
  static MemoryLedger of(long budgetBytes, Collection<ModelRecord> models) {
    MemoryLedger ledger = new MemoryLedger(budgetBytes);
    for (ModelRecord model : models) {
      if (model.isActive()) {
        for (VersionRecord version : model.versions()) {
          ledger.add(model, version);
        }
      }
    }
    return ledger;
  }

  private void add(ModelRecord model, VersionRecord version) {
    long bytes = version.memoryBytes();
    usedBytes += bytes;
    if (version.state() == VersionState.UNLOADING) {
      leavingBytes += bytes;
    } else if (model.config() != null && !model.residence().isEvictable()) {
      fixedBytes += bytes;
    }
  }

  long budgetBytes() {
    return budgetBytes;
  }

  long usedBytes() {
    return usedBytes;
  }

  /** Whether {@code bytes} are there without taking them from anybody, and a tenth is left. */
  boolean hasRoom(long bytes) {
    return promises.isEmpty() && bytes <= budgetBytes - budgetBytes / 10 - usedBytes;
  }

  /**
   * Whether memory was promised that is not there, or models turned out to take more than was set
   * aside for them.
   */
  boolean isShort() {
    return !promises.isEmpty() || usedBytes - leavingBytes > budgetBytes;
  }

  /** Asks for memory on behalf of a version; asking again in the same pass changes nothing. */
  Verdict ask(VersionRecord version, long bytes) {
    if (promised.contains(version)) {
      return Verdict.LATER;
    }
    if (bytes <= budgetBytes - usedBytes - promisedBytes) {
      return Verdict.FITS;
    }
    if (bytes > budgetBytes - fixedBytes) {
      return Verdict.NEVER;
    }
    promised.add(version);
    promises.add(bytes);
    promisedBytes += bytes;
    return Verdict.LATER;
  }

  /** Memory that fits was taken. */
  void take(long bytes, boolean evictable) {
    usedBytes += bytes;
    fixedBytes += evictable ? 0 : bytes;
  }

  /**
   * How much has to be unloaded, beside what is being unloaded already, so that as many of the
   * promises as possible can be kept, in their order.
   *
   * @param evictableBytes what can be unloaded now; if it is not enough for the first promise,
   *     nothing is gained by unloading any of it
   */
  long shortageBytes(long evictableBytes) {
    long shortage = Math.max(0, usedBytes - leavingBytes - budgetBytes);
    long sum = 0;
    for (long promise : promises) {
      sum += promise;
      long missing = usedBytes - leavingBytes + sum - budgetBytes;
      if (missing > evictableBytes) {
        break;
      }
      shortage = Math.max(shortage, missing);
    }
    return shortage;
  }
}
