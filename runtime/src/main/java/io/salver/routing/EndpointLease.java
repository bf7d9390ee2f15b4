package io.salver.routing;

import io.salver.engine.LoadedModel;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.model.Routed;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Predictor;
import io.salver.predict.ServingException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a request to an endpoint holds: the version by whose signature it is read, the route that
 * was chosen for it, and, once answered, the version that did and the memory that the answer lies
 * in.
 *
 * <p>Used by one thread at a time, like the request that holds it.
 */
final class EndpointLease implements ModelLease, Routed {
  private static final float[] NO_CONTEXT = {};
  private static final int[] NO_MEMBERS = {};
  private static final Runnable UNWANTED = () -> {};

  private final ActiveEndpoint endpoint;
  private final SharedLease reference;
  private SharedLease answering;
  private int route;
  private double probability;
  private float[] context = NO_CONTEXT;
  private int[] members = NO_MEMBERS;
  private @Nullable List<ModelVersion> ensemble;
  private double confidence = Double.NaN;
  private boolean isDefault;
  private boolean isLate;
  private @Nullable String joinKey;
  private @Nullable String predictionId;
  private @Nullable Runnable attached;

  /** What waits for a model; null for requests that are given up by being cancelled only. */
  private @Nullable AtomicReference<@Nullable Runnable> wait;

  /**
   * A hold on the version that reads the request, and answers it unless something else is said.
   *
   * @param reference taken over
   * @param route the route that was chosen
   * @param probability with which it was
   */
  EndpointLease(ActiveEndpoint endpoint, SharedLease reference, int route, double probability) {
    this.endpoint = endpoint;
    this.reference = reference;
    this.answering = reference;
    this.route = route;
    this.probability = probability;
  }

  /** The same choice for a copy of the request. */
  EndpointLease twin() {
    EndpointLease twin = new EndpointLease(endpoint, reference.share(), route, probability);
    twin.context = context;
    twin.wait = new AtomicReference<>();
    return twin;
  }

  /**
   * Has {@code action}, which ends a wait for a model, run once if the answer becomes unwanted,
   * unless {@link #endAwaitUnwanted} comes first. By any thread, like what belongs to it.
   *
   * @return false, and {@code action} is not kept, if the answer is unwanted already
   */
  boolean awaitUnwanted(Runnable action) {
    AtomicReference<@Nullable Runnable> own = wait;
    return own == null || own.compareAndSet(null, action);
  }

  /** Takes the action back that was given to {@link #awaitUnwanted}. */
  void endAwaitUnwanted(Runnable action) {
    AtomicReference<@Nullable Runnable> own = wait;
    if (own != null) {
      own.compareAndSet(action, null);
    }
  }

  /**
   * Says of a {@link #twin} that its request has been answered in another way: models are not
   * waited for any more, but what runs, or is queued, goes on.
   */
  void unwanted() {
    AtomicReference<@Nullable Runnable> own = wait;
    Runnable waiting = own == null ? null : own.getAndSet(UNWANTED);
    if (waiting != null) {
      waiting.run();
    }
  }

  ActiveEndpoint active() {
    return endpoint;
  }

  SharedLease reference() {
    return reference;
  }

  /** The index of the route that was chosen, or answered. */
  int route() {
    return route;
  }

  /** Says which route is taken, after all. */
  void choose(int chosen, double chance) {
    route = chosen;
    probability = chance;
  }

  /** Says by which features the route was chosen. */
  void setContext(float[] features) {
    context = features;
  }

  /**
   * Says that the answer is made of several, which have been counted for their routes.
   *
   * @param versions those that answered
   * @param labels what each member predicted, as {@link Prediction#members}
   * @param agreement of them, 0 to 1
   */
  void answeredTogether(List<ModelVersion> versions, int[] labels, double agreement) {
    ensemble = versions;
    members = labels;
    confidence = agreement;
  }

  /** Says that another version answers, which is held from now on. Takes {@code version} over. */
  void answeredBy(int byRoute, SharedLease version) {
    letGo(answering);
    answering = version;
    route = byRoute;
  }

  private void letGo(SharedLease held) {
    if (held != reference) {
      held.close();
    }
  }

  /** Says that the chosen route is taken after another one failed: its latency says nothing. */
  void fallBack(int to) {
    choose(to, 1);
    isLate = true;
  }

  /** Says by what name of its own the caller will send feedback; null if by none. */
  void setJoinKey(@Nullable String key) {
    joinKey = key;
  }

  /** Says that no model answers. */
  void answeredByDefault() {
    isDefault = true;
  }

  /**
   * Takes over what came of a copy of the request.
   *
   * @param release gives back what the copy's answer lies in
   */
  void adopt(EndpointLease twin, Runnable release) {
    letGo(answering);
    answering = twin.answering == reference ? reference : twin.answering.share();
    route = twin.route;
    probability = twin.probability;
    context = twin.context;
    members = twin.members;
    ensemble = twin.ensemble;
    isLate = twin.isLate;
    confidence = twin.confidence;
    isDefault = twin.isDefault;
    attach(release);
  }

  /** Runs {@code release} when this is closed. */
  void attach(Runnable release) {
    Runnable before = attached;
    attached =
        before == null
            ? release
            : () -> {
              before.run();
              release.run();
            };
  }

  @Override
  public ModelVersion version() {
    return answering.lease().version();
  }

  @Override
  public LoadedModel model() {
    return reference.lease().model();
  }

  @Override
  public Predictor predictor() {
    return endpoint.predictor(reference.lease());
  }

  @Override
  public Routed routed() {
    return this;
  }

  @Override
  public String endpoint() {
    return endpoint.spec().name();
  }

  @Override
  public List<ModelVersion> answeredBy() {
    if (isDefault) {
      return List.of();
    }
    return ensemble == null ? List.of(version()) : ensemble;
  }

  @Override
  public double confidence() {
    return confidence;
  }

  @Override
  public String predictionId(PredictRequest request) {
    String known = predictionId;
    if (known == null) {
      known = newPredictionId(request);
      predictionId = known;
    }
    return known;
  }

  private String newPredictionId(PredictRequest request) {
    return endpoint.predictionId(
        isDefault ? ActiveEndpoint.NO_ROUTE : route,
        isDefault ? 0 : version().version(),
        (float) probability,
        Labels.of(request),
        context,
        members);
  }

  @Override
  public boolean isDefault() {
    return isDefault;
  }

  @Override
  public void answering() {
    String key = joinKey;
    String id = predictionId;
    if (key != null && id != null) {
      endpoint.parts().joins().answered(endpoint(), key, id);
    }
  }

  @Override
  public void finished(PredictRequest request, @Nullable ServingException failure) {
    if (isDefault) {
      endpoint.answeredByDefault();
    } else if (ensemble == null) {
      count(request, failure);
    }
  }

  private void count(PredictRequest request, @Nullable ServingException failure) {
    RouteCounters counters = endpoint.counters(route);
    if (failure == null && isLate) {
      counters.answeredAfterAnother();
    } else if (failure == null) {
      counters.answered(request.latencyNs());
    } else if (failure.category().actor() != Category.Actor.CALLER) {
      counters.failed();
    }
  }

  @Override
  public void close() {
    try {
      if (attached != null) {
        attached.run();
      }
    } finally {
      letGo(answering);
      reference.close();
    }
  }
}
