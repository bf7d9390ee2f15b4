package io.salver.server.tfserving;

/** The two ways to ask for what a model makes of examples. */
enum ExampleMethod {
  CLASSIFY("tensorflow/serving/classify", "classification"),
  REGRESS("tensorflow/serving/regress", "regression");

  private final String methodName;
  private final String word;

  ExampleMethod(String methodName, String word) {
    this.methodName = methodName;
    this.word = word;
  }

  /** How requests for several inferences name it. */
  String methodName() {
    return methodName;
  }

  /** How messages name it. */
  String word() {
    return word;
  }
}
