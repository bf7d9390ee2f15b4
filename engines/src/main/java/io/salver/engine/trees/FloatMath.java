package io.salver.engine.trees;

/**
 * Functions of floats, step by step as XGBoost computes them.
 *
 * <p>XGBoost takes the exponential function from the C library. The one here goes by the same
 * method as glibc's since version 2.28 (that of Arm's optimized routines: e to the x is 2 to the
 * k/32 times 2 to the r, the first from a table, the second by a polynomial of degree three, in
 * doubles), because a correctly rounded one differs from it for some floats.
 */
final class FloatMath {
  /** Where the logistic function's exponential one would leave the range of floats. */
  private static final float SIGMOID_BOUND = 88.7f;

  /** The least float whose exponential is infinite is next to this; below the other it is 0. */
  private static final float OVERFLOW = 0x1.62e42ep6f;

  private static final float UNDERFLOW = -0x1.9fe368p6f;

  private static final int TABLE_BITS = 5;
  private static final int TABLE_SIZE = 1 << TABLE_BITS;
  private static final double SCALED_LOG2_E = 0x1.71547652b82fep+0 * TABLE_SIZE;
  private static final double ROUNDER = 0x1.8p+52;
  private static final double C3 = 0x1.c6af84b912394p-5 / TABLE_SIZE / TABLE_SIZE / TABLE_SIZE;
  private static final double C2 = 0x1.ebfce50fac4f3p-3 / TABLE_SIZE / TABLE_SIZE;
  private static final double C1 = 0x1.62e42ff0c52d6p-1 / TABLE_SIZE;
  private static final double[] POWERS = new double[TABLE_SIZE];

  static {
    for (int i = 0; i < TABLE_SIZE; i++) {
      POWERS[i] = StrictMath.pow(2, (double) i / TABLE_SIZE);
    }
  }

  private FloatMath() {}

  /** The exponential function. */
  static float exp(float x) {
    if (Float.isNaN(x) || x > OVERFLOW) {
      return x + Float.POSITIVE_INFINITY;
    }
    if (x < UNDERFLOW) {
      return 0;
    }
    double z = SCALED_LOG2_E * x;
    double rounded = z + ROUNDER;
    int k = (int) Double.doubleToRawLongBits(rounded);
    double r = z - (rounded - ROUNDER);
    double power =
        Double.longBitsToDouble(
            Double.doubleToRawLongBits(POWERS[k & (TABLE_SIZE - 1)])
                + ((long) (k >> TABLE_BITS) << 52));
    double high = C3 * r + C2;
    double low = C1 * r + 1;
    return (float) ((high * (r * r) + low) * power);
  }

  /** The float next to the natural logarithm. */
  static float log(float x) {
    return (float) Math.log(x);
  }

  /** The logistic function. */
  static float sigmoid(float x) {
    return 1 / (exp(Math.min(-x, SIGMOID_BOUND)) + 1);
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
