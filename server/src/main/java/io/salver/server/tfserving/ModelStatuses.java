package io.salver.server.tfserving;

import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.lifecycle.VersionState;
import io.salver.lifecycle.VersionStatus;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.proto.Code;
import io.salver.server.tfserving.proto.GetModelStatusResponse;
import io.salver.server.tfserving.proto.ModelVersionStatus;
import io.salver.server.tfserving.proto.ModelVersionStatus.State;
import io.salver.server.tfserving.proto.StatusProto;
import java.util.List;
import java.util.OptionalLong;

/** Answers what state the versions of a model are in. Stateless. */
final class ModelStatuses {
  private ModelStatuses() {}

  /**
   * The state of one version, or of all, highest first.
   *
   * @throws ServingException NOT_FOUND if there is none
   */
  static GetModelStatusResponse of(ServedModels models, String model, OptionalLong version) {
    List<VersionStatus> versions =
        models.status(model).map(ModelStatus::versions).orElse(List.of());
    if (version.isPresent()) {
      versions =
          versions.stream().filter(status -> status.version() == version.getAsLong()).toList();
    }
    if (versions.isEmpty()) {
      throw new ServingException(
          Category.NOT_FOUND,
          version.isPresent()
              ? "Could not find version " + version.getAsLong() + " of model " + model
              : "Could not find any versions of model " + model);
    }
    GetModelStatusResponse.Builder response = GetModelStatusResponse.newBuilder();
    versions.forEach(status -> response.addModelVersionStatus(status(status)));
    return response.build();
  }

  private static ModelVersionStatus status(VersionStatus status) {
    return ModelVersionStatus.newBuilder()
        .setVersion(status.version())
        .setState(state(status.state()))
        .setStatus(error(status))
        .build();
  }

  static State state(VersionState state) {
    return switch (state) {
      case NOT_LOADED, START -> State.START;
      case LOADING -> State.LOADING;
      case AVAILABLE -> State.AVAILABLE;
      case UNLOADING -> State.UNLOADING;
      case END -> State.END;
    };
  }

  private static StatusProto error(VersionStatus status) {
    ServingException error = status.error();
    return error == null
        ? StatusProto.getDefaultInstance()
        : StatusProto.newBuilder()
            .setErrorCode(Code.valueOf(error.category().name()))
            .setErrorMessage(error.getMessage())
            .build();
  }
}
