package io.salver.server.oip;

import io.salver.server.json.JsonWriter;
import io.salver.server.oip.proto.ServerMetadataResponse;
import java.util.List;
import java.util.Set;

/**
 * What the server says of itself.
 *
 * @param version Salver's
 * @param extensions what of the protocol's extensions there is
 */
record ServerDescription(String version, List<String> extensions) {
  private static final String NAME = "salver";
  private static final Set<String> OF_PREDICTIONS =
      Set.of("classification", "schedule_policy", "binary_tensor_data", "parameters");

  /** All extensions that Salver may have, in the order in which Triton names them. */
  private static final List<String> ALL =
      List.of(
          "classification",
          "sequence",
          "model_repository",
          "model_repository(unload_dependents)",
          "schedule_policy",
          "model_configuration",
          "system_shared_memory",
          "cuda_shared_memory",
          "binary_tensor_data",
          "parameters",
          "statistics",
          "trace",
          "logging");

  static ServerDescription of(String version, OipControl control) {
    Set<String> others = control.extensions();
    return new ServerDescription(
        version,
        ALL.stream().filter(e -> OF_PREDICTIONS.contains(e) || others.contains(e)).toList());
  }

  void writeTo(JsonWriter out) {
    out.raw("{\"name\":").string(NAME).raw(",\"version\":").string(version);
    out.raw(",\"extensions\":");
    JsonLists.strings(extensions, out);
    out.raw('}');
  }

  ServerMetadataResponse toProto() {
    return ServerMetadataResponse.newBuilder()
        .setName(NAME)
        .setVersion(version)
        .addAllExtensions(extensions)
        .build();
  }
}
