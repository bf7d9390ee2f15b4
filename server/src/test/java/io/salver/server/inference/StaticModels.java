package io.salver.server.inference;

import io.salver.engine.LoadedModel;
import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionRunner;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.Category;
import io.salver.predict.Predictor;
import io.salver.predict.ServingException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Models that are there from the start, and whose leases are counted. */
public final class StaticModels implements ServedModels, AutoCloseable {
  private final VersionRunner.Factory runners;
  private final Map<String, NavigableMap<Long, Served>> models = new TreeMap<>();
  private final Map<String, Map<String, Long>> labels = new HashMap<>();
  private final Set<String> sleeping = new HashSet<>();
  private final List<LeaseWaiter> waiters = new ArrayList<>();
  private final AtomicInteger openLeases = new AtomicInteger();

  private record Served(ModelVersion version, LoadedModel model, VersionRunner runner) {}

  public StaticModels(VersionRunner.Factory runners) {
    this.runners = runners;
  }

  public StaticModels add(String name, long version, LoadedModel model) {
    ModelVersion id = new ModelVersion(name, version);
    models
        .computeIfAbsent(name, _ -> new TreeMap<>())
        .put(version, new Served(id, model, runners.create(id, model)));
    return this;
  }

  public StaticModels label(String name, String label, long version) {
    labels.computeIfAbsent(name, _ -> new HashMap<>()).put(label, version);
    return this;
  }

  public int openLeases() {
    return openLeases.get();
  }

  @Override
  public ModelLease lease(String model, VersionSelector selector) {
    NavigableMap<Long, Served> versions = models.getOrDefault(model, new TreeMap<>());
    Served served =
        switch (selector) {
          case VersionSelector.Latest() ->
              versions.isEmpty() ? null : versions.lastEntry().getValue();
          case VersionSelector.Exact(long version) -> versions.get(version);
          case VersionSelector.Labelled(String label) -> versions.get(labelled(model, label));
        };
    if (served == null) {
      String wish =
          selector instanceof VersionSelector.Exact(long version)
              ? "Specific(" + model + ", " + version + ")"
              : "Latest(" + model + ")";
      throw new ServingException(Category.NOT_FOUND, "Servable not found for request: " + wish);
    }
    openLeases.incrementAndGet();
    return new Lease(served);
  }

  /** Has those who ask for a model, and can wait, wait until {@link #wake} or {@link #refuse}. */
  public StaticModels sleep(String name) {
    sleeping.add(name);
    return this;
  }

  /** Gives the model to those who wait for any. */
  public void wake(String name) {
    sleeping.remove(name);
    waiters.forEach(waiter -> waiter.leased(lease(name, VersionSelector.LATEST)));
    waiters.clear();
  }

  /** Tells those who wait why they do so in vain. */
  public void refuse(ServingException reason) {
    waiters.forEach(waiter -> waiter.refused(reason));
    waiters.clear();
  }

  @Override
  public @Nullable ModelLease lease(
      String model, VersionSelector selector, Caller caller, LeaseWaiter waiter) {
    if (sleeping.contains(model)) {
      waiters.add(waiter);
      return null;
    }
    return lease(model, selector, caller);
  }

  private long labelled(String model, String label) {
    Long version = labels.getOrDefault(model, Map.of()).get(label);
    if (version == null) {
      throw ServingException.invalid("Unrecognized servable version label: " + label);
    }
    return version;
  }

  @Override
  public Optional<ModelStatus> status(String model) {
    return Optional.ofNullable(models.get(model)).map(versions -> status(model, versions));
  }

  private ModelStatus status(String name, NavigableMap<Long, Served> versions) {
    List<VersionStatus> statuses =
        versions.descendingKeySet().stream()
            .map(version ->
                new VersionStatus(version, VersionState.AVAILABLE, null, "", Instant.EPOCH))
            .toList();
    return new ModelStatus(name, "java", statuses, labels.getOrDefault(name, Map.of()), "");
  }

  @Override
  public List<ModelStatus> statuses() {
    List<ModelStatus> all = new ArrayList<>();
    models.forEach((name, versions) -> all.add(status(name, versions)));
    return all;
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public void close() {
    for (NavigableMap<Long, Served> versions : models.values()) {
      for (Served served : versions.values()) {
        served.runner().close();
        served.model().close();
      }
    }
  }

  private final class Lease implements ModelLease {
    private final Served served;
    private final AtomicBoolean closed = new AtomicBoolean();

    Lease(Served served) {
      this.served = served;
    }

    @Override
    public ModelVersion version() {
      return served.version();
    }

    @Override
    public LoadedModel model() {
      return served.model();
    }

    @Override
    public Predictor predictor() {
      return served.runner();
    }

    @Override
    public void close() {
      if (!closed.compareAndSet(false, true)) {
        throw new AssertionError("a lease was closed twice");
      }
      openLeases.decrementAndGet();
    }
  }
}
