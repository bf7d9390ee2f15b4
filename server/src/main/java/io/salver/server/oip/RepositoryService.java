package io.salver.server.oip;

import io.salver.endpoint.AuditLog;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.oip.proto.ModelRepositoryParameter;
import io.salver.server.oip.proto.RepositoryIndexRequest;
import io.salver.server.oip.proto.RepositoryIndexResponse;
import io.salver.server.oip.proto.RepositoryIndexResponse.ModelIndex;
import io.salver.server.oip.proto.RepositoryModelLoadRequest;
import io.salver.server.oip.proto.RepositoryModelLoadResponse;
import io.salver.server.oip.proto.RepositoryModelUnloadRequest;
import io.salver.server.oip.proto.RepositoryModelUnloadResponse;
import io.salver.server.triton.Overrides;
import io.salver.server.triton.RepositoryControl;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The extension for the model repository. Thread-safe; its methods block. What it does is in the
 * audit log.
 */
final class RepositoryService {
  private static final String CONFIG = "config";
  private static final String FILE_PREFIX = "file:";
  private static final String UNLOAD_DEPENDENTS = "unload_dependents";

  private final RepositoryControl control;
  private final AuditLog audit;

  RepositoryService(RepositoryControl control, AuditLog audit) {
    this.control = control;
    this.audit = audit;
  }

  RepositoryIndexResponse index(RepositoryIndexRequest request) {
    RepositoryIndexResponse.Builder response = RepositoryIndexResponse.newBuilder();
    for (RepositoryControl.Indexed entry : control.index(request.getReady())) {
      response.addModels(
          ModelIndex.newBuilder()
              .setName(entry.name())
              .setVersion(entry.version())
              .setState(entry.state())
              .setReason(entry.reason()));
    }
    return response.build();
  }

  RepositoryModelLoadResponse load(RepositoryModelLoadRequest request, String actor) {
    String overrides = String.join(", ", new TreeSet<>(request.getParametersMap().keySet()));
    AuditLog.Action action = action(actor, "load", request.getModelName(), overrides);
    audit.noted(
        action,
        () -> {
          requireNoRepository(request.getRepositoryName());
          control.load(request.getModelName(), overrides(request.getParametersMap()));
        });
    return RepositoryModelLoadResponse.getDefaultInstance();
  }

  private static Overrides overrides(Map<String, ModelRepositoryParameter> parameters) {
    Optional<String> config = Optional.empty();
    Map<String, byte[]> files = new HashMap<>();
    for (Map.Entry<String, ModelRepositoryParameter> parameter : parameters.entrySet()) {
      String name = parameter.getKey();
      ModelRepositoryParameter value = parameter.getValue();
      if (name.equals(CONFIG) && value.hasStringParam()) {
        config = Optional.of(value.getStringParam());
      } else if (name.startsWith(FILE_PREFIX) && value.hasBytesParam()) {
        files.put(name.substring(FILE_PREFIX.length()), value.getBytesParam().toByteArray());
      } else {
        throw ServingException.invalid(
            "Unrecognized load parameter '"
                + name
                + "' with type '"
                + value.getParameterChoiceCase()
                + "' (expected: config as a string, or file:<path> as bytes)");
      }
    }
    return config.isEmpty() && files.isEmpty() ? Overrides.NONE : new Overrides(config, files);
  }

  RepositoryModelUnloadResponse unload(RepositoryModelUnloadRequest request, String actor) {
    AuditLog.Action action = action(actor, "unload", request.getModelName(), "");
    audit.noted(action, () -> unload(request));
    return RepositoryModelUnloadResponse.getDefaultInstance();
  }

  private void unload(RepositoryModelUnloadRequest request) {
    requireNoRepository(request.getRepositoryName());
    request
        .getParametersMap()
        .forEach((name, value) -> {
          if (!name.equals(UNLOAD_DEPENDENTS) || !value.hasBoolParam()) {
            throw ServingException.invalid(
                "Unrecognized unload parameter '"
                    + name
                    + "' (expected: "
                    + UNLOAD_DEPENDENTS
                    + " as true or false)");
          }
        });
    control.unload(request.getModelName());
  }

  /** Its names of what came with the request are told, not the content. */
  private static AuditLog.Action action(
      String actor, String action, String model, String parameters) {
    String detail = "repository" + (parameters.isEmpty() ? "" : " with " + parameters);
    return new AuditLog.Action(actor, action, "model/" + model, detail);
  }

  private static void requireNoRepository(String name) {
    if (!name.isEmpty()) {
      throw new ServingException(
          Category.UNIMPLEMENTED, "'repository_name' specification is not supported");
    }
  }
}
