package io.salver.model;

/**
 * The identity of one version of a model.
 *
 * @param model the model's name, not empty
 * @param version at least 0; higher is newer
 */
public record ModelVersion(String model, long version) {
  public ModelVersion {
    if (model.isEmpty() || version < 0) {
      throw new IllegalArgumentException(
          "model version: \""
              + model
              + "\" "
              + version
              + " (expected: a name, and a version >= 0)");
    }
  }

  /** As {@code name/3}. */
  @Override
  public String toString() {
    return model + "/" + version;
  }
}
