package io.salver.server.oip;

import io.salver.lifecycle.ModelStatus;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.json.JsonWriter;
import io.salver.server.oip.proto.ModelMetadataResponse;
import io.salver.server.oip.proto.ModelMetadataResponse.TensorMetadata;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.List;
import java.util.Map;

/**
 * What a version takes and gives.
 *
 * @param versions all that are ready, or the one that was asked for
 * @param platform the model's format, by Triton's names
 */
record ModelDescription(String name, List<String> versions, String platform, Signature signature) {

  /** The description of a version that is held for a request with this selector. */
  static ModelDescription of(
      ServedModels models, String model, VersionSelector selector, ModelLease lease) {
    List<Long> versions =
        selector instanceof VersionSelector.Latest
            ? ModelVersions.ready(models, model)
            : List.of(lease.version().version());
    String engine = models.status(model).map(ModelStatus::engine).orElse("");
    return new ModelDescription(
        model,
        versions.stream().map(String::valueOf).toList(),
        platform(engine),
        signature(lease, ""));
  }

  private static String platform(String engine) {
    return switch (engine) {
      case "onnx" -> "onnxruntime_onnx";
      case "tensorflow" -> "tensorflow_savedmodel";
      default -> engine;
    };
  }

  /**
   * The signature of a name.
   *
   * @param name empty for the one that requests mean that name none: the default one, or else the
   *     only one
   * @throws ServingException INVALID_ARGUMENT if there is none of this name; FAILED_PRECONDITION if
   *     there are several, and no default one
   */
  static Signature signature(ModelLease lease, String name) {
    Map<String, Signature> signatures = lease.model().signatures();
    if (!name.isEmpty() && !signatures.containsKey(name)) {
      throw ServingException.invalid(
          "parameter 'signature_name': "
              + name
              + " (expected: one of "
              + signatures.keySet()
              + " of model '"
              + lease.version().model()
              + "')");
    }
    Signature signature = signatures.get(name.isEmpty() ? Signature.DEFAULT_NAME : name);
    return signature != null ? signature : onlyOne(lease, signatures);
  }

  private static Signature onlyOne(ModelLease lease, Map<String, Signature> signatures) {
    if (signatures.size() == 1) {
      return signatures.values().iterator().next();
    }
    throw new ServingException(
        Category.FAILED_PRECONDITION,
        "model '"
            + lease.version().model()
            + "': signatures "
            + signatures.keySet()
            + " (expected: one named "
            + Signature.DEFAULT_NAME
            + ", or only one)");
  }

  void writeTo(JsonWriter out) {
    out.raw("{\"name\":").string(name).raw(",\"versions\":");
    JsonLists.strings(versions, out);
    out.raw(",\"platform\":").string(platform).raw(",\"inputs\":");
    write(signature.inputs(), out);
    out.raw(",\"outputs\":");
    write(signature.outputs(), out);
    out.raw('}');
  }

  private static void write(List<TensorSpec> specs, JsonWriter out) {
    out.raw('[');
    for (int i = 0; i < specs.size(); i++) {
      TensorSpec spec = specs.get(i);
      out.raw(i == 0 ? "{\"name\":" : ",{\"name\":").string(spec.name());
      out.raw(",\"datatype\":").string(Datatypes.name(spec.dtype())).raw(",\"shape\":");
      JsonLists.dims(spec.shape(), out);
      out.raw('}');
    }
    out.raw(']');
  }

  ModelMetadataResponse toProto() {
    return ModelMetadataResponse.newBuilder()
        .setName(name)
        .addAllVersions(versions)
        .setPlatform(platform)
        .addAllInputs(signature.inputs().stream().map(ModelDescription::metadata).toList())
        .addAllOutputs(signature.outputs().stream().map(ModelDescription::metadata).toList())
        .build();
  }

  private static TensorMetadata metadata(TensorSpec spec) {
    TensorMetadata.Builder tensor =
        TensorMetadata.newBuilder().setName(spec.name()).setDatatype(Datatypes.name(spec.dtype()));
    for (int i = 0; i < spec.shape().rank(); i++) {
      tensor.addShape(spec.shape().dim(i));
    }
    return tensor.build();
  }
}
