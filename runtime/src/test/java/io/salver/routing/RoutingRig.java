package io.salver.routing;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Turn;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.MemoryBudget;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints in front of models that answer what they are told to. A request has an input {@code x},
 * a number for each row; an answer has scores of three classes and a label for each row.
 */
final class RoutingRig implements ServedModels {
  static final Signature SIGNATURE =
      new Signature(
          Signature.DEFAULT_NAME,
          "",
          List.of(TensorSpec.of("x", DType.FLOAT32, Shape.of(-1))),
          List.of(
              TensorSpec.of("scores", DType.FLOAT32, Shape.of(-1, 3)),
              TensorSpec.of("label", DType.STRING, Shape.of(-1))));

  final Map<String, Fake> models = new HashMap<>();

  /** The models that are on demand and not in memory, and who waits for them. */
  final Map<String, List<LeaseWaiter>> asleep = new HashMap<>();

  final AtomicInteger openLeases = new AtomicInteger();
  final MemoryBudget budget = new MemoryBudget(1L << 30);
  final ArenaPool arenas = ArenaPool.shared(1 << 20, budget);
  final List<String> joins = new ArrayList<>();
  final List<Timer> timers = new ArrayList<>();
  final PredictionIds ids = new PredictionIds(new byte[16]);
  final EndpointModels endpoints;

  RoutingRig(long seed) {
    Random random = new Random(seed);
    this.endpoints =
        new EndpointModels(
            new EndpointParts(
                this,
                ids,
                arenas,
                this::at,
                random::nextLong,
                InstantSource.fixed(Instant.ofEpochSecond(1_800_000_000)),
                (endpoint, key, id) -> joins.add(endpoint + " " + key + " " + id)));
  }

  /** An action that waits for its time, which comes when the test says so. */
  static final class Timer {
    private final Runnable action;
    private boolean cancelled;

    Timer(Runnable action) {
      this.action = action;
    }
  }

  private Runnable at(long timeNs, Runnable action) {
    Timer timer = new Timer(action);
    timers.add(timer);
    return () -> timer.cancelled = true;
  }

  /** All objectives have passed. */
  void expire() {
    List.copyOf(timers)
        .forEach(timer -> {
          if (!timer.cancelled) {
            timer.cancelled = true;
            timer.action.run();
          }
        });
  }

  /** A model, under the name of all its versions that are asked for. */
  final class Fake implements LoadedModel, Predictor {
    final ModelVersion version;
    final List<Runnable> held = new ArrayList<>();
    int cls;
    float sureness = 0.9f;
    boolean holds;
    @Nullable ServingException fails;
    Signature signature = SIGNATURE;
    int runs;
    @Nullable PredictRequest last;

    Fake(String name, int cls) {
      this.version = new ModelVersion(name, 1);
      this.cls = cls;
    }

    @Override
    public void predict(PredictRequest request, Reply reply) {
      runs++;
      last = request;
      Runnable answer = () -> answer(request, reply);
      if (holds) {
        held.add(answer);
      } else {
        answer.run();
      }
    }

    /** Answers what was held back. */
    void letGo() {
      List<Runnable> all = List.copyOf(held);
      held.clear();
      all.forEach(Runnable::run);
    }

    private void answer(PredictRequest request, Reply reply) {
      ServingException failure = fails;
      if (failure != null) {
        reply.failed(request, failure);
        return;
      }
      int rows = (int) request.rows();
      Tensor scores = request.arena().allocate(DType.FLOAT32, Shape.of(rows, 3));
      StringTensorBuilder labels = new StringTensorBuilder(request.arena(), rows, 8L * rows);
      for (int row = 0; row < rows; row++) {
        for (int c = 0; c < 3; c++) {
          float score = c == cls ? sureness : (1 - sureness) / 2;
          scores.data().setAtIndex(ValueLayout.JAVA_FLOAT, row * 3L + c, score);
        }
        labels.add(("class" + cls).getBytes(StandardCharsets.UTF_8));
      }
      request.setOutputs(new Tensor[] {scores, labels.build(Shape.of(rows))});
      reply.succeeded(request);
    }

    @Override
    public Map<String, Signature> signatures() {
      return Map.of(Signature.DEFAULT_NAME, signature);
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void run(Batch batch) {
      throw new AssertionError("only predicts");
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public void close() {}
  }

  Fake model(String name, int cls) {
    Fake fake = new Fake(name, cls);
    models.put(name, fake);
    return fake;
  }

  /** A model that takes the scores of any number of members, side by side. */
  Fake stackingModel(String name, int cls) {
    Fake fake = model(name, cls);
    fake.signature =
        new Signature(
            Signature.DEFAULT_NAME,
            "",
            List.of(TensorSpec.of("members", DType.FLOAT32, Shape.of(-1, -1))),
            SIGNATURE.outputs());
    return fake;
  }

  static Route route(String model) {
    return new Route(model, VersionSelector.LATEST);
  }

  static Route route(String model, double weight) {
    return route(model).withWeight(weight);
  }

  EndpointSpec publish(Policy policy) {
    return publish(policy, Duration.ZERO, Map.of());
  }

  EndpointSpec publish(Policy policy, Duration objective, Map<String, Object> defaults) {
    EndpointSpec spec = new EndpointSpec("e", objective, defaults, Optional.empty(), policy);
    endpoints.publish(List.of(spec));
    return spec;
  }

  /** A request on its way, and what came of it. */
  final class Call implements Reply {
    final ModelLease lease;
    final TensorArena arena = arenas.take();
    final PredictRequest request;
    boolean done;
    @Nullable ServingException failure;
    @Nullable String label;
    @Nullable String predictionId;
    boolean isDefault;
    double confidence;
    float[] scores = {};

    private Call(Caller caller, float... x) {
      lease = lease(caller);
      Tensor input = arena.allocate(DType.FLOAT32, Shape.of(x.length));
      for (int i = 0; i < x.length; i++) {
        input.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, x[i]);
      }
      Signature signature = lease.model().signatures().get(Signature.DEFAULT_NAME);
      request =
          new PredictRequest(
              lease,
              signature,
              new Tensor[] {input},
              null,
              arena,
              System.nanoTime(),
              Long.MAX_VALUE);
      request.setTurn(new Turn(Runnable::run));
      lease.predictor().predict(request, this);
    }

    private static final class Unanswered implements LeaseWaiter {
      @Override
      public void leased(ModelLease lease) {
        throw new AssertionError("not waited for");
      }

      @Override
      public void refused(ServingException reason) {
        throw new AssertionError("not waited for", reason);
      }

      @Override
      public boolean isGone() {
        return false;
      }
    }

    /** The version that reads the request, which is there. */
    private ModelLease lease(Caller caller) {
      ModelLease there = endpoints.lease("e", VersionSelector.LATEST, caller, new Unanswered());
      if (there == null) {
        throw new AssertionError("not there");
      }
      return there;
    }

    @Override
    public void succeeded(PredictRequest answered) {
      if (answered != request) {
        throw new AssertionError("another request was answered");
      }
      label = answered.output(1).getUtf8(0);
      scores = answered.output(0).data().toArray(ValueLayout.JAVA_FLOAT);
      predictionId = lease.routed().predictionId(answered);
      lease.routed().answering();
      isDefault = lease.routed().isDefault();
      confidence = lease.routed().confidence();
      end();
    }

    @Override
    public void failed(PredictRequest refused, ServingException why) {
      failure = why;
      end();
    }

    private void end() {
      if (done) {
        throw new AssertionError("answered twice");
      }
      done = true;
      lease.routed().finished(request, failure);
      arena.close();
      lease.close();
    }

    Prediction prediction() {
      return ids.decode("e", String.valueOf(predictionId)).orElseThrow();
    }
  }

  Call call(float... x) {
    return new Call(Caller.SILENT, x);
  }

  Call call(Caller caller, float... x) {
    return new Call(caller, x);
  }

  /** Has a model on demand leave memory. */
  Fake sleep(Fake model) {
    asleep.put(model.version.model(), new ArrayList<>());
    return model;
  }

  /** A model that slept has been loaded. */
  void wake(Fake model) {
    List<LeaseWaiter> waiters = asleep.remove(model.version.model());
    waiters.stream()
        .filter(waiter -> !waiter.isGone())
        .forEach(waiter -> waiter.leased(lease(model.version.model(), VersionSelector.LATEST)));
  }

  @Override
  public @Nullable ModelLease lease(
      String model, VersionSelector selector, Caller caller, LeaseWaiter waiter) {
    List<LeaseWaiter> waiters = asleep.get(model);
    if (waiters == null) {
      return lease(model, selector);
    }
    waiters.add(waiter);
    return null;
  }

  @Override
  public ModelLease lease(String model, VersionSelector selector) {
    Fake fake = models.get(model);
    if (asleep.containsKey(model)) {
      throw new ServingException(Category.UNAVAILABLE, model + " is asleep");
    }
    if (fake == null) {
      throw new ServingException(Category.NOT_FOUND, "no model " + model);
    }
    openLeases.incrementAndGet();
    AtomicBoolean closed = new AtomicBoolean();
    return new ModelLease() {
      @Override
      public ModelVersion version() {
        return fake.version;
      }

      @Override
      public LoadedModel model() {
        return fake;
      }

      @Override
      public Predictor predictor() {
        return fake;
      }

      @Override
      public void close() {
        if (!closed.compareAndSet(false, true)) {
          throw new AssertionError("a lease was closed twice");
        }
        openLeases.decrementAndGet();
      }
    };
  }

  @Override
  public Optional<ModelStatus> status(String model) {
    return Optional.empty();
  }

  @Override
  public List<ModelStatus> statuses() {
    return List.of();
  }

  @Override
  public boolean isReady() {
    return true;
  }
}
