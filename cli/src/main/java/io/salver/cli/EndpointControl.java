package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.cli.config.EndpointsConfig;
import io.salver.cli.config.LimitsConfig;
import io.salver.endpoint.AuditLog;
import io.salver.endpoint.CanaryWatch;
import io.salver.endpoint.ControlStore;
import io.salver.endpoint.Endpoints;
import io.salver.endpoint.Feedback;
import io.salver.endpoint.FeedbackLog;
import io.salver.endpoint.JoinKeys;
import io.salver.endpoint.Learning;
import io.salver.endpoint.LiveEndpoints;
import io.salver.endpoint.MemoryStore;
import io.salver.endpoint.SqliteStore;
import io.salver.lifecycle.ServedModels;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointModels;
import io.salver.routing.EndpointSpec;
import io.salver.routing.PredictionIds;
import io.salver.server.admin.ControlWorkers;
import io.salver.server.admin.EndpointsRest;
import io.salver.server.clipper.ClipperRest;
import io.salver.server.http.HttpHandler;
import java.time.Clock;
import java.util.function.Predicate;

/** The control side of endpoints, as it is configured. */
final class EndpointControl implements AutoCloseable {
  private final EndpointsConfig config;
  private final ControlStore store;
  private final EndpointModels models;
  private final CanaryWatch canaries;
  private final LiveEndpoints live;
  private final Endpoints endpoints;
  private final JoinKeys joins = new JoinKeys();
  private final FeedbackLog log;
  private final Feedback feedback;
  private volatile Predicate<String> coming = model -> false;
  private final ControlWorkers workers = new ControlWorkers();

  /**
   * Endpoints in front of models.
   *
   * @param limits of requests, which hold for the copies that endpoints make of them, too
   * @param served the models
   * @throws StartException if the state directory cannot be used
   */
  EndpointControl(EndpointsConfig config, LimitsConfig limits, ServedModels served) {
    this.config = config;
    this.store = store(config);
    Clock clock = Clock.systemUTC();
    PredictionIds ids = new PredictionIds(PredictionKey.of(config.stateDirectory()));
    this.models = EndpointRouting.create(limits, served, ids, joins);
    this.canaries = new CanaryWatch(models, clock);
    Learning learning = new Learning(models, clock);
    this.live = new LiveEndpoints(models, canaries, learning, joins);
    this.endpoints =
        new Endpoints(
            store,
            model -> served.status(model).isPresent() || coming.test(model),
            models,
            live,
            clock);
    live.attach(endpoints);
    this.log = new FeedbackLog(store, clock, Feedback.MAX_AGE);
    this.feedback = new Feedback(endpoints, log, ids, joins, learning, clock);
  }

  /** Callers' own names for predictions that could not be kept, so far. */
  long droppedJoinKeys() {
    return joins.dropped();
  }

  /** The models, with the endpoints in front of them. */
  EndpointModels models() {
    return models;
  }

  private static ControlStore store(EndpointsConfig config) {
    try {
      return config.stateDirectory().isPresent()
          ? new SqliteStore(config.stateDirectory().get(), new SqliteLibrary())
          : new MemoryStore();
    } catch (ServingException e) {
      throw new StartException("state_dir: " + e.getMessage(), e);
    }
  }

  /**
   * Brings into force what is kept and what is declared.
   *
   * @param expected models that are not known yet, but may be named by what is declared
   * @throws StartException if what is kept cannot be read
   * @throws ConfigException if what is declared cannot be
   */
  void open(Predicate<String> expected) {
    coming = expected;
    try {
      endpoints.open();
    } catch (ServingException e) {
      throw new StartException(e.getMessage(), e);
    }
    for (EndpointSpec spec : config.declared()) {
      declare(spec);
    }
    coming = model -> false;
    live.start(log);
  }

  private void declare(EndpointSpec spec) {
    try {
      endpoints.declare(spec);
    } catch (ServingException e) {
      if (e.category() == Category.INVALID_ARGUMENT) {
        throw new ConfigException("endpoints: " + e.getMessage());
      }
      throw new StartException(e.getMessage(), e);
    }
  }

  /** Where the control side keeps what a restart must not forget; closed with this. */
  ControlStore store() {
    return store;
  }

  /** Who did what on the control side. */
  AuditLog audit() {
    return endpoints.audit();
  }

  /** Clipper's form of the same; {@code predictions} answers as TensorFlow Serving does. */
  ClipperRest clipper(HttpHandler predictions) {
    return new ClipperRest(
        new ClipperRest.Parts(predictions, models::signature, feedback, workers));
  }

  EndpointsRest rest() {
    EndpointsRest.Parts parts = new EndpointsRest.Parts(endpoints, feedback, live, canaries);
    return new EndpointsRest(parts, exchange -> exchange.principal().name(), workers);
  }

  @Override
  public void close() {
    workers.close();
    live.close();
    store.close();
  }
}
