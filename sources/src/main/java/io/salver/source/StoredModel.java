package io.salver.source;

import io.salver.lifecycle.ModelConfig;
import io.salver.model.ModelSource.Sink;
import io.salver.model.ModelSource.Wanted;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one model in a store, and what a look at it does: list, download what is wanted
 * and missing, publish, delete what is not needed. Used by one thread at a time; blocks.
 *
 * <p>Nothing but a whole version in the cache is ever published. What goes wrong is said by {@link
 * Sink#unreadable}, and what was published stays: a store that is away takes no model down. If
 * nothing has been published yet, that is what the cache has.
 */
final class StoredModel {
  private static final Logger LOG = System.getLogger(StoredModel.class.getName());
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);

  /** For how long what has come of a version stays that is not wanted any more, or not yet. */
  private static final Duration PARTIALS_KEPT = Duration.ofDays(1);

  /** Downloads of one content that were not what its digests say, before it is left alone. */
  private static final int MISMATCHES = 3;

  /** What there is to look at, and by which clocks. */
  record Context(
      Stores stores,
      Cache cache,
      Downloader downloader,
      Duration poll,
      Duration quietPeriod,
      InstantSource wall,
      LongSupplier nanos) {}

  private final Context context;
  private final URI base;
  private final ModelCache cache;
  private final Map<Long, Seen> seen = new HashMap<>();
  private final Map<String, Mismatch> mismatches = new HashMap<>();

  /** What contents that had no room have at the least, by fingerprint. */
  private final Map<String, Long> leastBytes = new HashMap<>();

  /** What the sink was told last, whatever the configuration was. */
  private NavigableMap<Long, Path> published = new TreeMap<>();

  private boolean answered;
  private boolean settled;
  private int failures;

  /** What a version that nobody has called complete looked like, and since when. */
  private record Seen(String fingerprint, long sinceNs) {}

  /** How often a content was not what it should be. */
  private record Mismatch(int times, String reason) {}

  StoredModel(Context context, URI base, ModelCache cache) {
    this.context = context;
    this.base = base;
    this.cache = cache;
  }

  /** The next look publishes, even what has been published before. */
  void askAnew() {
    answered = false;
  }

  /** Whether the last look published, or would have, and left nothing to wait for or try again. */
  boolean isSettled() {
    return settled;
  }

  /**
   * Looks once.
   *
   * @param sink takes what is said during the look
   * @param inUse directories that must not be deleted yet
   * @return the pause before the next look; empty if there need not be one
   */
  Optional<Duration> look(ModelConfig model, Sink sink, Predicate<Path> inUse)
      throws InterruptedException {
    settled = false;
    try {
      context.cache().open();
    } catch (StoreException e) {
      sink.unreadable(model.name(), reason(e));
      return Optional.of(afterFailure());
    }
    try {
      return new Look(model, sink, inUse).follow(context.stores().list(base));
    } catch (StoreException e) {
      return offline(model, sink, reason(e));
    } catch (IOException e) {
      return offline(model, sink, "stores.cache: " + cache.root() + ": " + e);
    }
  }

  private static String reason(StoreException e) {
    return String.valueOf(e.getMessage());
  }

  /** The store does not answer. */
  private Optional<Duration> offline(ModelConfig model, Sink sink, String problem) {
    if (!answered) {
      try {
        NavigableMap<Long, Path> kept = cache.complete();
        publish(model, sink, choose(model, kept));
      } catch (IOException e) {
        LOG.log(Level.WARNING, "stores.cache: {0} cannot be read: {1}", cache.root(), e.toString());
      }
    }
    sink.unreadable(model.name(), problem + served());
    return Optional.of(afterFailure());
  }

  private String served() {
    return published.isEmpty()
        ? ""
        : "; what was downloaded before is served: versions " + published.keySet();
  }

  /** With nothing there is nothing to publish: what was published holds. */
  private void publish(ModelConfig model, Sink sink, NavigableMap<Long, Path> versions) {
    if (!versions.isEmpty()) {
      published = versions;
      answered = true;
      List<Wanted> wanted =
          versions.entrySet().stream().map(e -> new Wanted(e.getKey(), e.getValue())).toList();
      sink.publish(model.name(), wanted);
    }
  }

  private static NavigableMap<Long, Path> choose(
      ModelConfig model, NavigableMap<Long, Path> versions) {
    NavigableMap<Long, Path> chosen = new TreeMap<>(versions);
    chosen.keySet().retainAll(model.versions().choose(versions.navigableKeySet()));
    return chosen;
  }

  /** Twice as long after each failure, and not at the same moment as all others. */
  private Duration afterFailure() {
    Duration pause = context.poll().compareTo(SHORTEST_PAUSE) > 0 ? context.poll() : SHORTEST_PAUSE;
    Duration longest = pause.compareTo(LONGEST_PAUSE) > 0 ? pause : LONGEST_PAUSE;
    for (int i = 0; i < failures && pause.compareTo(longest) < 0; i++) {
      pause = pause.multipliedBy(2);
    }
    failures = Math.min(failures + 1, Integer.SIZE);
    Duration capped = pause.compareTo(longest) < 0 ? pause : longest;
    int permille = 800 + Math.floorMod(cache.root().hashCode(), 400);
    return capped.multipliedBy(permille).dividedBy(1000);
  }

  /**
   * The model is not served any more: deletes what is kept of it.
   *
   * @return whether all of it is gone; otherwise it has to be tried again
   */
  boolean leave(Predicate<Path> inUse) throws IOException {
    if (!cache.retain(Set.of(), Set.of(), Instant.MAX, inUse)) {
      return false;
    }
    Trees.delete(cache.root());
    published = new TreeMap<>();
    return true;
  }

  /** One look at what the store lists. */
  private final class Look {
    private final ModelConfig model;
    private final Sink sink;
    private final Predicate<Path> inUse;
    private final NavigableMap<Long, Path> usable = new TreeMap<>();
    private String problem = "";
    private boolean failed;

    Look(ModelConfig model, Sink sink, Predicate<Path> inUse) {
      this.model = model;
      this.sink = sink;
      this.inUse = inUse;
    }

    Optional<Duration> follow(Listing listing) throws IOException, InterruptedException {
      NavigableMap<Long, StoredVersion> settled = new TreeMap<>();
      Duration wait = null;
      for (StoredVersion version : listing.versions().values()) {
        Duration left = unsettledFor(version);
        if (left.isPositive()) {
          wait = wait == null || left.compareTo(wait) < 0 ? left : wait;
        } else {
          settled.put(version.number(), version);
        }
      }
      seen.keySet().retainAll(listing.versions().keySet());
      Set<String> coming = bring(listing, settled);
      say(listing, wait != null);
      boolean unused =
          cache.retain(
              new HashSet<>(published.values()),
              coming,
              context.wall().instant().minus(PARTIALS_KEPT),
              inUse);
      return pause(wait);
    }

    /** How long a version is still to be watched. */
    private Duration unsettledFor(StoredVersion version) {
      if (version.complete()) {
        return Duration.ZERO;
      }
      long nowNs = context.nanos().getAsLong();
      Seen now = new Seen(version.fingerprint(), nowNs);
      Seen before =
          seen.merge(
              version.number(), now, (a, b) -> a.fingerprint().equals(b.fingerprint()) ? a : b);
      Duration unchanged = Duration.ofNanos(nowNs - before.sinceNs());
      Duration stored = Duration.between(version.newest(), context.wall().instant());
      Duration longest = stored.compareTo(unchanged) > 0 ? stored : unchanged;
      return context.quietPeriod().minus(longest);
    }

    /** Has what is wanted in the cache; says which contents are on their way. */
    private Set<String> bring(Listing listing, NavigableMap<Long, StoredVersion> settled)
        throws InterruptedException {
      TreeSet<Long> numbers = new TreeSet<>(settled.keySet());
      // While a version is replaced, or has become one that is refused, it is served as it was.
      for (Long number : published.keySet()) {
        if (listing.versions().containsKey(number) || listing.refused().containsKey(number)) {
          numbers.add(number);
        }
      }
      Set<String> coming = new HashSet<>();
      for (Long number : model.versions().choose(numbers)) {
        StoredVersion version = settled.get(number);
        Path before = published.get(number);
        if (version != null) {
          coming.add(version.fingerprint());
          fetch(version)
              .or(() -> Optional.ofNullable(before))
              .ifPresent(p -> usable.put(number, p));
        } else if (before != null) {
          usable.put(number, before);
        }
      }
      mismatches.keySet().retainAll(coming);
      leastBytes.keySet().retainAll(coming);
      if (failed) {
        fallBack(numbers, settled);
      }
      return coming;
    }

    private Optional<Path> fetch(StoredVersion version) throws InterruptedException {
      Mismatch before = mismatches.get(version.fingerprint());
      if (before != null && before.times() >= MISMATCHES) {
        fail(version, before.reason());
        return Optional.empty();
      }
      try {
        Optional<Path> there = cache.find(version);
        return Optional.of(there.isPresent() ? there.get() : download(version));
      } catch (StoreException.Mismatch e) {
        int times = before == null ? 1 : before.times() + 1;
        mismatches.put(version.fingerprint(), new Mismatch(times, reason(e)));
        fail(version, reason(e));
      } catch (StoreException.NoRoom e) {
        leastBytes.merge(version.fingerprint(), e.leastBytes(), Math::max);
        fail(version, reason(e));
      } catch (StoreException e) {
        fail(version, reason(e));
      }
      return Optional.empty();
    }

    private Path download(StoredVersion version) throws StoreException, InterruptedException {
      long startNs = System.nanoTime();
      LOG.log(
          Level.INFO,
          "Model {0}: downloading version {1} from {2}: {3} files",
          model.name(),
          Long.toString(version.number()),
          base,
          Integer.toString(version.files().size()));
      Path directory =
          context
              .downloader()
              .fetch(
                  context.stores().of(base),
                  base,
                  version,
                  cache,
                  leastBytes.getOrDefault(version.fingerprint(), 0L));
      LOG.log(
          Level.INFO,
          "Model {0}: version {1} downloaded in {2} ms",
          model.name(),
          Long.toString(version.number()),
          Long.toString((System.nanoTime() - startNs) / 1_000_000));
      return directory;
    }

    private void fail(StoredVersion version, String reason) {
      failed = true;
      problem = "version " + version.number() + " was not downloaded: " + reason;
    }

    /** What there is of the versions that were not chosen takes the place of those that failed. */
    private void fallBack(Set<Long> numbers, NavigableMap<Long, StoredVersion> settled) {
      for (Long number : numbers) {
        StoredVersion version = settled.get(number);
        Optional<Path> here = version == null ? Optional.empty() : cache.find(version);
        here.or(() -> Optional.ofNullable(published.get(number)))
            .ifPresent(path -> usable.putIfAbsent(number, path));
      }
    }

    private void say(Listing listing, boolean waiting) {
      NavigableMap<Long, Path> chosen = choose(model, usable);
      if (problem.isEmpty()) {
        problem = listed(listing, waiting);
      }
      if (problem.isEmpty() || !answered || !chosen.equals(published)) {
        publish(model, sink, chosen);
      }
      if (!problem.isEmpty()) {
        sink.unreadable(model.name(), problem + served());
      }
    }

    /** What is wrong with the list itself. */
    private String listed(Listing listing, boolean waiting) {
      TreeSet<Long> all = new TreeSet<>(listing.versions().keySet());
      all.addAll(listing.refused().keySet());
      for (Long number : model.versions().choose(all)) {
        String reason = listing.refused().get(number);
        if (reason != null) {
          return "version " + number + " of " + base + " was not taken: " + reason;
        }
      }
      if (!usable.isEmpty() || waiting) {
        return "";
      }
      return all.isEmpty()
          ? "No versions of "
              + model.name()
              + " found under base path "
              + base
              + " (expected: names below it that begin with a number and a slash)"
          : "No wanted version of "
              + model.name()
              + " found under base path "
              + base
              + ": "
              + all
              + " (expected: "
              + model.versions()
              + ")";
    }

    private Optional<Duration> pause(@Nullable Duration wait) {
      if (failed) {
        return Optional.of(afterFailure());
      }
      failures = 0;
      settled = answered && wait == null;
      boolean pollIsNext =
          context.poll().isPositive() && (wait == null || context.poll().compareTo(wait) < 0);
      return pollIsNext ? Optional.of(context.poll()) : Optional.ofNullable(wait);
    }
  }
}
