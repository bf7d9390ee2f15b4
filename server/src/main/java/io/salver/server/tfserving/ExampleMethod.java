package io.salver.server.tfserving;

import io.salver.server.metrics.Method;

/** The two ways to ask for what a model makes of examples. */
enum ExampleMethod {
  CLASSIFY("tensorflow/serving/classify", "classification", Method.CLASSIFY),
  REGRESS("tensorflow/serving/regress", "regression", Method.REGRESS);

  private final String methodName;
  private final String word;
  private final Method method;

  ExampleMethod(String methodName, String word, Method method) {
    this.methodName = methodName;
    this.word = word;
    this.method = method;
  }

  /** How requests for several inferences name it. */
  String methodName() {
    return methodName;
  }

  /** How it is counted. */
  Method method() {
    return method;
  }

  /** How messages name it. */
  String word() {
    return word;
  }
}
