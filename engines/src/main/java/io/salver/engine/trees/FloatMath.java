package io.salver.engine.trees;

/** Functions of floats, step by step as XGBoost computes them. */
final class FloatMath {
  /** Where the exponential function would leave the range of floats. */
  private static final float EXP_BOUND = 88.7f;

  private FloatMath() {}

  /** The float next to e to the power of {@code x}. */
  static float exp(float x) {
    return (float) Math.exp(x);
  }

  /** The float next to the natural logarithm. */
  static float log(float x) {
    return (float) Math.log(x);
  }

  /** The logistic function. */
  static float sigmoid(float x) {
    return 1 / (exp(Math.min(-x, EXP_BOUND)) + 1);
  }

  /** The softmax function of {@code count} numbers, which are floats, in place. */
  static void softmax(double[] numbers, int from, int count) {
    float largest = (float) numbers[from];
    for (int i = from + 1; i < from + count; i++) {
      largest = Math.max(largest, (float) numbers[i]);
    }
    double total = 0;
    for (int i = from; i < from + count; i++) {
      float power = exp((float) numbers[i] - largest);
      numbers[i] = power;
      total += power;
    }
    for (int i = from; i < from + count; i++) {
      numbers[i] = (float) numbers[i] / (float) total;
    }
  }
}
