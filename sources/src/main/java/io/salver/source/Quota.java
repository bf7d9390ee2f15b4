package io.salver.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How much may be written below a directory. What downloads side by side have been promised counts
 * as what is there already, so that together they stay within the limit and the disk. Thread-safe.
 */
final class Quota {
  /** What is left free on the disk for others. */
  private static final long SPARE_BYTES = 64 << 20;

  private final Path root;
  private final long limitBytes;
  private final ToLongFunction<Path> usableBytes;
  private final Reclaimer reclaimer;
  // Guarded by this.
  private final Set<Path> active = new HashSet<>();
  private long usedBytes;
  private long promisedBytes;

  /** Deletes what can be done without when room is short. */
  interface Reclaimer {
    void reclaim(Set<Path> active) throws IOException;
  }

  /**
   * A quota of which nothing is claimed.
   *
   * @param limitBytes of all files together; {@link Long#MAX_VALUE} for none but the disk's
   * @param usableBytes says how much the disk of a directory has left
   * @param reclaimer is not to touch the directories that are claimed
   */
  Quota(Path root, long limitBytes, ToLongFunction<Path> usableBytes, Reclaimer reclaimer) {
    this.root = root;
    this.limitBytes = limitBytes;
    this.usableBytes = usableBytes;
    this.reclaimer = reclaimer;
  }

  /**
   * A claim for what is going to be written in a directory, of nothing yet.
   *
   * @throws StoreException if it cannot be found out what there is
   */
  synchronized Claim claim(Path directory) throws StoreException {
    measure();
    active.add(directory);
    return new Claim(directory);
  }

  private void measure() throws StoreException {
    if (limitBytes == Long.MAX_VALUE) {
      return;
    }
    try {
      usedBytes = Trees.sizeBytes(root);
    } catch (IOException e) {
      throw new StoreException("stores.cache: " + root + " cannot be read: " + e, e);
    }
  }

  private void promise(long bytes) throws StoreException {
    if (problem(bytes) != null) {
      // What other threads have deleted is not known here.
      measure();
      if (problem(bytes) != null) {
        reclaim();
      }
      String problem = problem(bytes);
      if (problem != null) {
        throw new StoreException.NoRoom(problem);
      }
    }
    promisedBytes += bytes;
  }

  private void reclaim() throws StoreException {
    try {
      reclaimer.reclaim(active);
    } catch (IOException e) {
      throw new StoreException("stores.cache: " + root + " cannot be cleared: " + e, e);
    }
    measure();
  }

  private @Nullable String problem(long bytes) {
    if (usableBytes.applyAsLong(root) - SPARE_BYTES - promisedBytes < bytes) {
      return "stores.cache: the disk of "
          + root
          + " is full (expected: "
          + Sizes.shown(bytes)
          + " and "
          + Sizes.shown(SPARE_BYTES)
          + " to spare)";
    }
    if (limitBytes != Long.MAX_VALUE && limitBytes - usedBytes - promisedBytes < bytes) {
      return "stores.cache_size: "
          + Sizes.shown(limitBytes)
          + " does not hold "
          + Sizes.shown(bytes)
          + " more (expected: a larger cache, or fewer versions)";
    }
    return null;
  }

  /** What one download may write. For one thread. */
  final class Claim implements AutoCloseable {
    private final Path directory;
    private long leftBytes;

    private Claim(Path directory) {
      this.directory = directory;
    }

    /**
     * Makes sure that so much can still be written.
     *
     * @throws StoreException.NoRoom if the limit, or the disk, has no room for it
     */
    void cover(long bytes) throws StoreException {
      synchronized (Quota.this) {
        if (bytes > leftBytes) {
          promise(bytes - leftBytes);
          leftBytes = bytes;
        }
      }
    }

    /**
     * Is called before so much is written, whether it was covered or not.
     *
     * @throws StoreException.NoRoom if the limit, or the disk, has no room for it
     */
    void take(long bytes) throws StoreException {
      synchronized (Quota.this) {
        cover(bytes);
        leftBytes -= bytes;
        promisedBytes -= bytes;
        usedBytes += bytes;
      }
    }

    /** Gives back what was not written. */
    @Override
    public void close() {
      synchronized (Quota.this) {
        promisedBytes -= leftBytes;
        leftBytes = 0;
        active.remove(directory);
      }
    }
  }
}
