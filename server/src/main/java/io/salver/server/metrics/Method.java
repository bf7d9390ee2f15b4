package io.salver.server.metrics;

/** What a request asked for: a closed set, so that no request can make a label of its own. */
public enum Method {
  PREDICT("Predict", true),
  CLASSIFY("Classify", true),
  REGRESS("Regress", true),
  MULTI_INFERENCE("MultiInference", true),
  GET_MODEL_METADATA("GetModelMetadata", false),
  GET_MODEL_STATUS("GetModelStatus", false);

  private static final Method[] ALL = values();
  static final int COUNT = ALL.length;

  private final String label;
  private final boolean prediction;

  Method(String label, boolean prediction) {
    this.label = label;
    this.prediction = prediction;
  }

  static Method of(int ordinal) {
    return ALL[ordinal];
  }

  /** The method's name in metrics, as TensorFlow Serving's gRPC services spell it. */
  public String label() {
    return label;
  }

  /** Whether it runs the model. */
  public boolean isPrediction() {
    return prediction;
  }
}
