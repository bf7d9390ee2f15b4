package io.salver.server.metrics;

/** What a request asked for: a closed set, so that no request can make a label of its own. */
public enum Method {
  PREDICT("Predict"),
  CLASSIFY("Classify"),
  REGRESS("Regress"),
  MULTI_INFERENCE("MultiInference"),
  /** A prediction that was refused before it was clear of which kind. */
  UNKNOWN(""),
  GET_MODEL_METADATA("GetModelMetadata"),
  GET_MODEL_STATUS("GetModelStatus");

  /** How many of the methods, from the first on, run the model. */
  static final int PREDICTIONS = 5;

  private static final Method[] ALL = values();
  static final int COUNT = ALL.length;

  private final String label;

  Method(String label) {
    this.label = label;
  }

  static Method of(int ordinal) {
    return ALL[ordinal];
  }

  /** The method that a signature is for by what its model says. */
  static Method ofSignature(String methodName) {
    return switch (methodName) {
      case "tensorflow/serving/classify" -> CLASSIFY;
      case "tensorflow/serving/regress" -> REGRESS;
      default -> PREDICT;
    };
  }

  /** The method's name in metrics, as TensorFlow Serving's gRPC services spell it. */
  public String label() {
    return label;
  }

  /** Whether it runs the model. */
  public boolean isPrediction() {
    return ordinal() < PREDICTIONS;
  }
}
