package io.salver.lifecycle;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a configuration has to keep to. Pure. */
final class ConfigRules {
  private ConfigRules() {}

  /**
   * Checks a configuration by itself.
   *
   * @throws ServingException INVALID_ARGUMENT if it is refused
   */
  static void check(List<ModelConfig> models, Collection<String> engines) {
    Set<String> names = new HashSet<>();
    for (ModelConfig model : models) {
      if (!names.add(model.name())) {
        throw ServingException.invalid(
            "Illegal to list model " + model.name() + " multiple times in config list");
      }
      if (!model.platform().isEmpty() && !engines.contains(model.platform())) {
        throw ServingException.invalid(
            "model_platform: \""
                + model.platform()
                + "\" of model "
                + model.name()
                + " (expected: one of "
                + engines
                + ", or nothing)");
      }
    }
  }

  /**
   * Checks what a model is to become against what it is.
   *
   * @param allowUnavailable whether new labels may name versions that are not available
   * @throws ServingException INVALID_ARGUMENT or FAILED_PRECONDITION if it is refused
   */
  static void checkChange(ModelRecord model, ModelConfig next, boolean allowUnavailable) {
    ModelConfig current = model.config();
    if (current == null) {
      return;
    }
    if (!current.platform().equals(next.platform())) {
      throw ServingException.invalid(
          "Illegal to change a model's platform. For model "
              + next.name()
              + " platform was \""
              + current.platform()
              + "\", and new platform requested is \""
              + next.platform()
              + "\"");
    }
    next.labels().forEach((label, version) -> checkLabel(model, label, version, allowUnavailable));
  }

  private static void checkLabel(
      ModelRecord model, String label, long version, boolean allowUnavailable) {
    Map<String, Long> current = model.labels();
    Long pointsTo = current.get(label);
    boolean stays = pointsTo != null && pointsTo == version;
    boolean allowed = allowUnavailable && pointsTo == null || model.wouldLoad(version);
    if (!stays && !allowed && !model.isAvailable(version)) {
      throw new ServingException(
          Category.FAILED_PRECONDITION,
          "Request to assign label to version "
              + version
              + " of model "
              + model.name()
              + ", which is not currently available for inference");
    }
  }
}
