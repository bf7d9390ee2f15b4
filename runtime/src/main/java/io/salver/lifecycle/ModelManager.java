package io.salver.lifecycle;

import io.salver.batching.RunStatistics;
import io.salver.cache.CacheStatistics;
import io.salver.engine.Engine;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Serves models: keeps loaded what its source says is wanted, and gives it out to requests.
 *
 * <p>Engines are called on threads of the manager's own, which inspect, load and unload; a model
 * that is slow or broken takes one of them, not the others' turn. {@link #lease} takes no lock.
 *
 * <p>A model counts as settled, for {@link #isReady()} and {@link #awaitSettled}, when a version of
 * it is available, or when none will be unless something changes: the source found nothing, the
 * files are not recognised, or are incomplete and have not changed for a retry interval, the engine
 * refused them, the tries are used up, or there is no memory. Such a model is loaded all the same
 * as soon as what kept it back has changed.
 *
 * <p>Thread-safe. Engines belong to whoever made them, and may be closed after {@link
 * #shutDown(Duration)} has returned true.
 */
public final class ModelManager implements ServedModels, ModelControl, AutoCloseable {
  private static final Logger LOG = System.getLogger(ModelManager.class.getName());
  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long KEEP_USES_NS = TimeUnit.MINUTES.toNanos(1);
  private static final int INSPECTION_THREADS = 2;
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  private final LifecycleOptions options;
  private final ConfigurableSource source;
  private final UseStore uses;
  private final Reconciler reconciler;
  private final ThreadPoolExecutor loads;
  private final ReentrantLock configuring = new ReentrantLock();
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile boolean draining;
  private volatile boolean closed;

  /**
   * A manager that does nothing before {@link #start}.
   *
   * @param engines in the order in which they are asked whether files are theirs
   * @param runners makes the last stages of each version
   * @param warmups run in this order on each version before it becomes available
   * @param source closed by this manager
   */
  public ModelManager(
      LifecycleOptions options,
      List<Engine> engines,
      VersionRunner.Factory runners,
      List<Warmup> warmups,
      ConfigurableSource source,
      LifecycleListener listener) {
    this(options, engines, runners, warmups, source, listener, UseStore.NONE);
  }

  /**
   * As the other.
   *
   * @param uses remembers how often models on demand were used, for those that are loaded ahead
   */
  public ModelManager(
      LifecycleOptions options,
      List<Engine> engines,
      VersionRunner.Factory runners,
      List<Warmup> warmups,
      ConfigurableSource source,
      LifecycleListener listener,
      UseStore uses) {
    this.options = options;
    this.uses = uses;
    this.source = source;
    int starting = Math.max(options.loadThreads(), Runtime.getRuntime().availableProcessors());
    this.loads = pool("salver-load", starting);
    Time time = Time.SYSTEM;
    Set<String> names = new LinkedHashSet<>(engines.stream().map(Engine::name).toList());
    this.reconciler =
        new Reconciler(
            options,
            names,
            new Inspector(engines, options.quietPeriod(), time),
            new Loader(runners, warmups, options.engine(), new MallocMeter(), time),
            new Reconciler.Executors(
                pool("salver-inspect", INSPECTION_THREADS),
                loads,
                pool("salver-unload", options.unloadThreads())),
            listener,
            time);
  }

  /** Never shut down: a lease that is closed late still finds a thread that unloads. */
  private static ThreadPoolExecutor pool(String name, int threads) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name(name + "-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * Begins to serve these models, and returns at once. Called once.
   *
   * @throws ServingException if the configuration is refused, and nothing has begun
   */
  public void start(List<ModelConfig> models) {
    start(models, Set.of());
  }

  /**
   * As the other.
   *
   * @param out the names of models that are not to be loaded until {@link #load} says so, as after
   *     {@link #unload}
   */
  public void start(List<ModelConfig> models, Set<String> out) {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("started twice");
    }
    try {
      reconciler.configure(models);
      // Nothing is loaded before the source has said what there is.
      out.forEach(reconciler::unload);
    } catch (ServingException e) {
      started.set(false);
      throw e;
    }
    rememberUses();
    source.attend(reconciler::isAttended);
    source.spare(reconciler::isInUse);
    source.configure(models);
    source.start(reconciler);
    Thread control = Thread.ofPlatform().daemon().name("salver-control").unstarted(this::tick);
    reconciler.coldRequests().onAsked(() -> LockSupport.unpark(control));
    control.start();
  }

  private void rememberUses() {
    try {
      reconciler.rememberUses(uses.read());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "Use counts of models: not read, and counted anew: {0}", e.toString());
    }
  }

  private void keepUses() {
    try {
      uses.write(reconciler.uses());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "Use counts of models: not written: {0}", e.toString());
    }
  }

  private void tick() {
    boolean shrunk = false;
    long keptNs = System.nanoTime();
    while (!closed) {
      reconcileOnce();
      if (System.nanoTime() - keptNs >= KEEP_USES_NS) {
        keepUses();
        keptNs = System.nanoTime();
      }
      if (!shrunk && reconciler.isSettled()) {
        loads.setCorePoolSize(options.loadThreads());
        loads.setMaximumPoolSize(options.loadThreads());
        shrunk = true;
      }
      LockSupport.parkNanos(TICK_NS);
    }
  }

  private void reconcileOnce() {
    try {
      reconciler.reconcileOnce();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "reconciling failed", e);
    }
  }

  @Override
  public ModelLease lease(String model, VersionSelector selector) {
    return reconciler.lease(model, selector);
  }

  @Override
  public @Nullable ModelLease lease(
      String model, VersionSelector selector, Caller caller, LeaseWaiter waiter) {
    return reconciler.lease(model, selector, waiter);
  }

  /** What became of models on demand so far. */
  public OnDemandStatistics onDemandStatistics() {
    return reconciler.onDemandStatistics();
  }

  @Override
  public Optional<RunStatistics> statistics(ModelVersion version) {
    return reconciler.statistics(version);
  }

  @Override
  public Optional<CacheStatistics> cacheStatistics(ModelVersion version) {
    return reconciler.cacheStatistics(version);
  }

  @Override
  public Optional<ModelStatus> status(String model) {
    return reconciler.status(model);
  }

  @Override
  public List<ModelStatus> statuses() {
    return reconciler.statuses();
  }

  @Override
  public boolean isReady() {
    return reconciler.isSettled() && !draining;
  }

  /**
   * Whether {@link #replace} would take a configuration now; nothing changes.
   *
   * @throws ServingException if it would be refused
   */
  public void check(List<ModelConfig> models) {
    reconciler.check(models);
  }

  /**
   * Replaces the configuration: models that are not named are unloaded. Returns before anything is
   * loaded.
   *
   * @return the names of the models that are new
   * @throws ServingException if the configuration is refused, and nothing has changed
   */
  public Set<String> replace(List<ModelConfig> models) {
    configuring.lock();
    try {
      return take(models);
    } finally {
      configuring.unlock();
    }
  }

  /**
   * Blocks until each of these models has become available or has failed.
   *
   * @return why each of them that did not become available did not, by name; empty if all did
   * @throws ServingException DEADLINE_EXCEEDED after {@code limit}, or CANCELLED if interrupted
   */
  public Map<String, String> awaitSettled(Set<String> models, Duration limit) {
    return reconciler.await(models, limit);
  }

  /**
   * {@link #replace}, and then {@link #awaitSettled} for what is new.
   *
   * @throws ServingException as both
   */
  public Map<String, String> configure(List<ModelConfig> models, Duration limit) {
    return awaitSettled(replace(models), limit);
  }

  @Override
  public Optional<ModelConfig> configured(String model) {
    return reconciler.configuration().stream().filter(c -> c.name().equals(model)).findFirst();
  }

  @Override
  public Set<Long> versions(ModelConfig model) {
    try {
      return source.versions(model);
    } catch (IOException e) {
      throw new ServingException(
          Category.UNAVAILABLE,
          "base path: " + model.basePath() + " cannot be read: " + e.getMessage(),
          e);
    }
  }

  @Override
  public void serve(ModelConfig model) {
    configuring.lock();
    try {
      List<ModelConfig> models = without(model.name());
      models.add(model);
      Set<String> unused = take(models);
      // From here on nothing is published that was seen under the old configuration.
      reconciler.awaitNews(model.name());
      source.configure(models);
    } finally {
      configuring.unlock();
    }
  }

  @Override
  public Optional<String> await(String model, Duration limit) {
    return Optional.of(reconciler.awaitWholly(model, limit)).filter(why -> !why.isEmpty());
  }

  @Override
  public boolean withdraw(String model) {
    configuring.lock();
    try {
      if (configured(model).isEmpty()) {
        return false;
      }
      Set<String> unused = take(without(model));
      return true;
    } finally {
      configuring.unlock();
    }
  }

  @Override
  public void load(String model) {
    reconciler.load(model);
  }

  @Override
  public void unload(String model) {
    reconciler.unload(model);
  }

  @Override
  public MemoryUse memory() {
    return new MemoryUse(options.memoryBudgetBytes(), reconciler.usedBytes());
  }

  private List<ModelConfig> without(String model) {
    List<ModelConfig> models = new ArrayList<>(reconciler.configuration());
    models.removeIf(c -> c.name().equals(model));
    return models;
  }

  private Set<String> take(List<ModelConfig> models) {
    Set<String> added = reconciler.configure(models);
    source.configure(models);
    return added;
  }

  /** Says from now on that the server is not ready; requests are answered as before. */
  public void drain() {
    draining = true;
  }

  /**
   * Unloads everything: no request gets a lease any more, and those that have one are waited for.
   *
   * @return whether nothing is in memory any more; if not, because leases were not closed or an
   *     engine hangs within {@code limit}, what is left is unloaded if that changes
   */
  public boolean shutDown(Duration limit) {
    draining = true;
    source.close();
    if (started.get()) {
      keepUses();
    }
    reconciler.beginClose();
    boolean empty = reconciler.awaitEmpty(limit);
    closed = true;
    return empty;
  }

  /** {@link #shutDown} within 10 seconds. */
  @Override
  public void close() {
    boolean unused = shutDown(CLOSE_LIMIT);
  }
}
