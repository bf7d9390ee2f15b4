package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.cli.config.EndpointsConfig;
import io.salver.endpoint.CanarySteps;
import io.salver.endpoint.ControlStore;
import io.salver.endpoint.EndpointReport;
import io.salver.endpoint.Endpoints;
import io.salver.endpoint.FeedbackHandler;
import io.salver.endpoint.KnownModels;
import io.salver.endpoint.MemoryStore;
import io.salver.endpoint.PredictionKey;
import io.salver.endpoint.SqliteStore;
import io.salver.endpoint.StateListener;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointSpec;
import io.salver.routing.EndpointTable;
import io.salver.server.admin.ControlWorkers;
import io.salver.server.admin.EndpointsRest;
import java.time.Clock;
import java.util.function.Predicate;

/** The control side of endpoints, as it is configured. */
final class EndpointControl implements AutoCloseable {
  private static final FeedbackHandler NO_FEEDBACK =
      (endpoint, feedback) -> {
        throw new ServingException(
            Category.UNIMPLEMENTED, "feedback: this server does not take any");
      };

  private final EndpointsConfig config;
  private final ControlStore store;
  private final Endpoints endpoints;
  private volatile Predicate<String> coming = model -> false;
  private final ControlWorkers workers = new ControlWorkers();

  /**
   * The control side.
   *
   * @param models which models routes may name
   * @param table where the endpoints in force are put
   * @throws StartException if the state directory cannot be used
   */
  EndpointControl(EndpointsConfig config, KnownModels models, EndpointTable table) {
    this.config = config;
    this.store = store(config);
    this.endpoints =
        new Endpoints(
            store,
            key(store),
            model -> models.isKnown(model) || coming.test(model),
            table,
            StateListener.NONE,
            Clock.systemUTC());
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

  private static PredictionKey key(ControlStore store) {
    try {
      return PredictionKey.of(store);
    } catch (ServingException e) {
      throw new StartException(e.getMessage(), e);
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

  EndpointsRest rest() {
    EndpointsRest.Parts parts =
        new EndpointsRest.Parts(endpoints, NO_FEEDBACK, EndpointReport.NONE, CanarySteps.NONE);
    return new EndpointsRest(parts, exchange -> exchange.principal().name(), workers);
  }

  @Override
  public void close() {
    workers.close();
    store.close();
  }
}
