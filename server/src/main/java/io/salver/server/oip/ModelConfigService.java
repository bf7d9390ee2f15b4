package io.salver.server.oip;

import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.ModelControl;
import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionPolicy;
import io.salver.model.ModelLease;
import io.salver.server.oip.proto.ModelConfigRequest;
import io.salver.server.oip.proto.ModelConfigResponse;
import io.salver.server.triton.ServedConfig;
import java.util.function.Function;

/** The extension for models' configurations. Thread-safe. */
final class ModelConfigService {
  private final ServedModels models;
  private final ModelControl control;
  private final Function<String, ServedConfig.Defaults> defaults;

  ModelConfigService(
      ServedModels models, ModelControl control, Function<String, ServedConfig.Defaults> defaults) {
    this.models = models;
    this.control = control;
    this.defaults = defaults;
  }

  /**
   * The configuration of a version that is ready.
   *
   * @throws io.salver.predict.ServingException if there is none
   */
  ModelConfigResponse of(ModelConfigRequest request) {
    String model = request.getName();
    try (ModelLease lease =
        ModelVersions.lease(models, model, ModelVersions.selector(request.getVersion()))) {
      String engine = models.status(model).map(ModelStatus::engine).orElse("");
      VersionPolicy versions =
          control.configured(model).map(ModelConfig::versions).orElse(VersionPolicy.LATEST);
      return ModelConfigResponse.newBuilder()
          .setConfig(
              ServedConfig.of(
                  lease,
                  ModelDescription.signature(lease, ""),
                  engine,
                  versions,
                  defaults.apply(model)))
          .build();
    }
  }
}
