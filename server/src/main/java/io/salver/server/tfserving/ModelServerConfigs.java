package io.salver.server.tfserving;

import com.google.protobuf.TextFormat;
import io.salver.lifecycle.BasePath;
import io.salver.lifecycle.ModelConfig;
import io.salver.lifecycle.VersionPolicy;
import io.salver.predict.ServingException;
import io.salver.server.tfserving.proto.FileSystemStoragePathSourceConfig.ServableVersionPolicy;
import io.salver.server.tfserving.proto.ModelServerConfig;
import io.salver.server.tfserving.proto.ModelType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a {@code ModelServerConfig} says: the models to serve, and which of their requests to log.
 *
 * @param logging by model; no entry where nothing is to be logged
 */
public record ModelServerConfigs(List<ModelConfig> models, Map<String, RequestSampling> logging) {
  public ModelServerConfigs {
    models = List.copyOf(models);
    logging = Map.copyOf(logging);
  }

  /**
   * Reads the text form, as {@code --model_config_file} has it.
   *
   * @param platforms the engines that a model may name
   * @throws ServingException INVALID_ARGUMENT, with the place in the text where it cannot be read,
   *     or with the model and the rule that it breaks
   */
  public static ModelServerConfigs parse(String text, Set<String> platforms) {
    ModelServerConfig.Builder builder = ModelServerConfig.newBuilder();
    try {
      TextFormat.merge(text, builder);
    } catch (TextFormat.ParseException e) {
      throw ServingException.invalid(
          "Error parsing text-format tensorflow.serving.ModelServerConfig: " + e.getMessage());
    }
    return of(builder.build(), platforms);
  }

  /** As {@link #parse}, of a message. */
  static ModelServerConfigs of(ModelServerConfig proto, Set<String> platforms) {
    if (proto.hasCustomModelConfig()) {
      throw ServingException.invalid(
          "custom_model_config: "
              + proto.getCustomModelConfig().getTypeUrl()
              + " (expected: model_config_list)");
    }
    Map<String, ModelConfig> models = new LinkedHashMap<>();
    Map<String, RequestSampling> logging = new LinkedHashMap<>();
    for (var model : proto.getModelConfigList().getConfigList()) {
      if (models.put(model.getName(), model(model, platforms)) != null) {
        throw ServingException.invalid(
            "Illegal to list model " + model.getName() + " multiple times in config list");
      }
      if (model.hasLoggingConfig()) {
        logging.put(model.getName(), RequestSampling.of(model.getName(), model.getLoggingConfig()));
      }
    }
    return new ModelServerConfigs(new ArrayList<>(models.values()), logging);
  }

  private static ModelConfig model(
      io.salver.server.tfserving.proto.ModelConfig model, Set<String> platforms) {
    try {
      return new ModelConfig(
          model.getName(),
          basePath(model.getName(), model.getBasePath()),
          platform(model, platforms),
          policy(model.getModelVersionPolicy()),
          model.getVersionLabelsMap(),
          false,
          false);
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid("model \"" + model.getName() + "\": " + e.getMessage());
    }
  }

  private static BasePath basePath(String name, String basePath) {
    if (!BasePath.isUri(basePath) && !Path.of(basePath).isAbsolute()) {
      throw ServingException.invalid(
          "Expected model "
              + name
              + " to have an absolute path or URI; got base_path()="
              + basePath);
    }
    try {
      return BasePath.parse(basePath);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("base_path: " + e.getMessage(), e);
    }
  }

  @SuppressWarnings("deprecation")
  private static String platform(
      io.salver.server.tfserving.proto.ModelConfig model, Set<String> platforms) {
    String platform = model.getModelPlatform();
    if (model.getModelType() == ModelType.TENSORFLOW) {
      platform = "tensorflow";
    } else if (model.getModelType() != ModelType.MODEL_TYPE_UNSPECIFIED) {
      throw new IllegalArgumentException(
          "model_type: "
              + model.getModelTypeValue()
              + " (expected: TENSORFLOW, or model_platform)");
    }
    if (!platform.isEmpty() && !platforms.contains(platform)) {
      throw new IllegalArgumentException(
          "model_platform: \""
              + platform
              + "\" (expected: one of "
              + new TreeSet<>(platforms)
              + ", or none, to find out from the files)");
    }
    return platform;
  }

  private static VersionPolicy policy(ServableVersionPolicy policy) {
    return switch (policy.getPolicyChoiceCase()) {
      case POLICYCHOICE_NOT_SET -> VersionPolicy.LATEST;
      case LATEST -> latest(policy.getLatest().getNumVersions());
      case ALL -> new VersionPolicy.All();
      case SPECIFIC ->
          new VersionPolicy.Specific(new TreeSet<>(policy.getSpecific().getVersionsList()));
    };
  }

  /** 0 is the default, 1; what does not fit an int is as good as all. */
  private static VersionPolicy latest(int unsignedCount) {
    if (unsignedCount == 0) {
      return VersionPolicy.LATEST;
    }
    return new VersionPolicy.Latest(unsignedCount < 0 ? Integer.MAX_VALUE : unsignedCount);
  }
}
