package io.salver.cli.config;

import io.salver.lifecycle.ModelConfig;
import java.util.List;

/**
 * Everything that {@code salver serve} can be told.
 *
 * @param models the models to serve; may be empty where a model configuration file or a repository
 *     is given
 */
public record SalverConfig(
    ListenConfig listen,
    List<ModelConfig> models,
    ModelRepositoryConfig modelRepository,
    LifecycleConfig lifecycle,
    LimitsConfig limits,
    EnginesConfig engines,
    RestConfig rest,
    OipConfig oip,
    MetricsConfig metrics,
    RequestLogConfig requestLog,
    LogConfig log,
    AccessConfig access,
    ObserveConfig observe,
    RunConfig run,
    EndpointsConfig endpoints,
    StoresConfig stores) {

  /** What holds when nothing is said. */
  public static final SalverConfig DEFAULT =
      new SalverConfig(
          ListenConfig.DEFAULT,
          List.of(),
          ModelRepositoryConfig.DEFAULT,
          LifecycleConfig.DEFAULT,
          LimitsConfig.DEFAULT,
          EnginesConfig.DEFAULT,
          RestConfig.DEFAULT,
          OipConfig.DEFAULT,
          MetricsConfig.DEFAULT,
          RequestLogConfig.DEFAULT,
          LogConfig.DEFAULT,
          AccessConfig.DEFAULT,
          ObserveConfig.DEFAULT,
          RunConfig.DEFAULT,
          EndpointsConfig.DEFAULT,
          StoresConfig.DEFAULT);

  public SalverConfig {
    models = List.copyOf(models);
  }

  /** With another place to listen. */
  public SalverConfig withListen(ListenConfig other) {
    return new SalverConfig(
        other,
        models,
        modelRepository,
        lifecycle,
        limits,
        engines,
        rest,
        oip,
        metrics,
        requestLog,
        log,
        access,
        observe,
        run,
        endpoints,
        stores);
  }

  /** With requests run in another way. */
  public SalverConfig withRun(RunConfig other) {
    return new SalverConfig(
        listen,
        models,
        modelRepository,
        lifecycle,
        limits,
        engines,
        rest,
        oip,
        metrics,
        requestLog,
        log,
        access,
        observe,
        other,
        endpoints,
        stores);
  }

  /** With other models. */
  public SalverConfig withModels(List<ModelConfig> others) {
    return new SalverConfig(
        listen,
        others,
        modelRepository,
        lifecycle,
        limits,
        engines,
        rest,
        oip,
        metrics,
        requestLog,
        log,
        access,
        observe,
        run,
        endpoints,
        stores);
  }

  /** With other endpoints. */
  public SalverConfig withEndpoints(EndpointsConfig others) {
    return new SalverConfig(
        listen,
        models,
        modelRepository,
        lifecycle,
        limits,
        engines,
        rest,
        oip,
        metrics,
        requestLog,
        log,
        access,
        observe,
        run,
        others,
        stores);
  }
}
