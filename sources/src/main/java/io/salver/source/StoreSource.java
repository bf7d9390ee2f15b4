package io.salver.source;

import io.salver.lifecycle.BasePath;
import io.salver.lifecycle.ConfigurableSource;
import io.salver.lifecycle.ModelConfig;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the versions of models in stores. Each model is followed by a virtual thread of its own, so
 * one whose store is slow, or whose files are large, holds up no other.
 */
final class StoreSource implements ConfigurableSource {
  private static final Logger LOG = System.getLogger(StoreSource.class.getName());
  private static final Duration STALL_LIMIT = Duration.ofMinutes(1);
  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  /** A model on demand that is not loaded is looked at once in so many times. */
  private static final int RARELY = 60;

  private final Stores stores;
  private final Cache cache;
  private final StoredModel.Context context;
  private final ReentrantLock lock = new ReentrantLock();
  private final ReentrantLock cleaning = new ReentrantLock();
  // Guarded by lock.
  private final Map<Key, Follower> followers = new HashMap<>();
  private @Nullable Sink sink;
  private boolean closed;
  // Guarded by cleaning.
  private boolean cleaned;
  private volatile Predicate<String> often = _ -> true;
  private volatile Predicate<Path> inUse = _ -> true;

  StoreSource(StoreOptions options) {
    this(options, new Stores(options), STALL_LIMIT);
  }

  StoreSource(StoreOptions options, Stores stores, Duration stallLimit) {
    this.stores = stores;
    this.cache = new Cache(options.cache(), options.cacheBytes());
    this.context =
        new StoredModel.Context(
            stores,
            cache,
            new Downloader(cache, options.maxVersionBytes(), options.downloads(), stallLimit),
            options.poll(),
            options.quietPeriod(),
            InstantSource.system(),
            System::nanoTime);
  }

  /** A model at a place: at another place it is another model. */
  private record Key(String name, URI base) {}

  @Override
  public void configure(List<ModelConfig> models) {
    lock.lock();
    try {
      Set<Key> configured = new HashSet<>();
      for (ModelConfig model : models) {
        if (model.basePath() instanceof BasePath.Remote(URI base)) {
          Key key = new Key(model.name(), base);
          configured.add(key);
          followers.computeIfAbsent(key, k -> new Follower(k, model)).configure(model);
        }
      }
      followers.forEach((key, follower) -> {
        if (!configured.contains(key)) {
          follower.configure(null);
        }
      });
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void start(Sink target) {
    lock.lock();
    try {
      if (sink != null) {
        throw new IllegalStateException("started twice");
      }
      sink = target;
      followers.values().forEach(Follower::start);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void attend(Predicate<String> closely) {
    often = closely;
  }

  @Override
  public void spare(Predicate<Path> directories) {
    inUse = directories;
  }

  @Override
  public Set<Long> versions(ModelConfig model) throws IOException {
    if (!(model.basePath() instanceof BasePath.Remote(URI base))) {
      throw new IllegalArgumentException("not in a store: " + model.basePath());
    }
    try {
      return stores.list(base).versions().keySet();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  @Override
  public void close() {
    List<Thread> threads;
    lock.lock();
    try {
      closed = true;
      threads = followers.values().stream().map(f -> f.thread).filter(Objects::nonNull).toList();
      threads.forEach(Thread::interrupt);
    } finally {
      lock.unlock();
    }
    join(threads);
    stores.close();
    cache.close();
  }

  /** Waits a little: one that hangs publishes nothing after close anyway. */
  private static void join(List<Thread> threads) {
    long endNs = System.nanoTime() + CLOSE_LIMIT.toNanos();
    try {
      for (Thread thread : threads) {
        boolean unused = thread.join(Duration.ofNanos(Math.max(0, endNs - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Before the first look of all, deletes what is kept of models that are not configured. */
  private void cleanOnce() {
    cleaning.lock();
    try {
      if (!cleaned) {
        cache.open();
        cache.retain(caches());
        cleaned = true;
      }
    } catch (StoreException e) {
      // The look that follows says so.
    } catch (IOException e) {
      LOG.log(Level.WARNING, "stores.cache: old models were not deleted: {0}", e.toString());
      cleaned = true;
    } finally {
      cleaning.unlock();
    }
  }

  private Set<ModelCache> caches() {
    lock.lock();
    try {
      Set<ModelCache> caches = new HashSet<>();
      followers.values().forEach(f -> caches.add(f.kept));
      return caches;
    } finally {
      lock.unlock();
    }
  }

  /** Follows one model, until it is not configured any more and nothing is kept of it. */
  private final class Follower {
    private final Key key;
    private final ModelCache kept;
    private final StoredModel model;
    // Guarded by lock.
    private final Condition wake = lock.newCondition();
    private @Nullable ModelConfig config;
    private @Nullable Thread thread;
    private long generation;

    Follower(Key key, ModelConfig first) {
      this.key = key;
      this.kept = cache.of(first);
      this.model = new StoredModel(context, key.base(), kept);
    }

    /** Takes a configuration in; null if it is not to be served. With the lock held. */
    void configure(@Nullable ModelConfig wanted) {
      boolean changed = !Objects.equals(wanted, config);
      config = wanted;
      generation++;
      wake.signalAll();
      if (changed && thread != null) {
        // What it downloads may not be wanted any more; what has come of it stays.
        thread.interrupt();
      }
      if (sink != null) {
        start();
      }
    }

    /** With the lock held. */
    void start() {
      if (thread == null && !closed) {
        thread = Thread.ofVirtual().name("salver-store-" + key.name()).start(this::run);
      }
    }

    private void run() {
      long seen = -1;
      for (int turn = 0; ; turn = (turn + 1) % RARELY) {
        try {
          Turn next = next();
          if (next == null) {
            return;
          }
          boolean isAsked = next.generation() != seen;
          seen = next.generation();
          await(look(next, isAsked, turn), seen);
        } catch (InterruptedException e) {
          // Another configuration, or the end: the next turn sees which.
          continue;
        }
      }
    }

    /** A generation of the configuration. */
    private record Turn(@Nullable ModelConfig config, long generation) {}

    /** What is to be done next; null if it is the end. */
    private @Nullable Turn next() {
      lock.lock();
      try {
        // An interruption up to here was for the sake of what is read here.
        boolean unused = Thread.interrupted();
        return closed || followers.get(key) != this ? null : new Turn(config, generation);
      } finally {
        lock.unlock();
      }
    }

    private Optional<Duration> look(Turn turn, boolean isAsked, int number)
        throws InterruptedException {
      ModelConfig current = turn.config();
      try {
        if (current == null) {
          return leave(turn);
        }
        boolean mayWait = !isAsked && number != 0 && !current.staysLoaded() && model.isSettled();
        if (mayWait && !often.test(current.name())) {
          return Optional.of(context.poll());
        }
        if (isAsked) {
          model.askAnew();
        }
        cleanOnce();
        return model.look(current, new Guarded(this, turn.generation()), inUse);
      } catch (IOException e) {
        LOG.log(Level.WARNING, "Model {0}: {1} was not deleted: {2}", key.name(), kept.root(), e);
      } catch (RuntimeException | Error e) {
        LOG.log(Level.ERROR, "Model " + key.name() + ": looking at " + key.base() + " failed", e);
        new Guarded(this, turn.generation())
            .unreadable(key.name(), "base path: " + key.base() + " cannot be read: " + e);
      }
      return Optional.of(RETRY);
    }

    /** Ends this follower if nothing is left to delete and nobody has come back to the model. */
    private Optional<Duration> leave(Turn turn) throws IOException {
      if (!model.leave(inUse)) {
        return Optional.of(RETRY);
      }
      lock.lock();
      try {
        if (generation == turn.generation()) {
          followers.remove(key, this);
        }
        return Optional.of(Duration.ZERO);
      } finally {
        lock.unlock();
      }
    }

    private void await(Optional<Duration> pause, long seen) throws InterruptedException {
      lock.lock();
      try {
        long leftNs = pause.map(Duration::toNanos).orElse(Long.MAX_VALUE);
        while (!closed && generation == seen && leftNs > 0) {
          leftNs = wake.awaitNanos(leftNs);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Passes on what belongs to the configuration that holds, and nothing after the end. */
  private final class Guarded implements Sink {
    private final Follower follower;
    private final long generation;

    Guarded(Follower follower, long generation) {
      this.follower = follower;
      this.generation = generation;
    }

    @Override
    public void publish(String model, List<Wanted> versions) {
      pass(target -> target.publish(model, versions));
    }

    @Override
    public void unreadable(String model, String reason) {
      pass(target -> target.unreadable(model, reason));
    }

    private void pass(java.util.function.Consumer<Sink> message) {
      lock.lock();
      try {
        if (!closed && follower.generation == generation) {
          message.accept(Objects.requireNonNull(sink, "not started"));
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
