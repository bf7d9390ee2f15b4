package io.salver.routing;

/**
 * A linear model by ridge regression with ridge 1, and how uncertain it is. A value; its arrays are
 * never written.
 */
final class RidgeModel {
  private final int length;
  private final double[] gram;
  private final double[] response;
  private final double[] inverse;
  private final double[] coefficients;

  private RidgeModel(double[] gram, double[] response) {
    this.length = response.length;
    this.gram = gram;
    this.response = response;
    this.inverse = inverseWithRidge(gram, length);
    this.coefficients = new double[length];
    for (int i = 0; i < length; i++) {
      for (int j = 0; j < length; j++) {
        coefficients[i] += inverse[i * length + j] * response[j];
      }
    }
  }

  static RidgeModel empty(int length) {
    return new RidgeModel(new double[length * length], new double[length]);
  }

  /**
   * @param gram sums of products of features, {@code [length * length]}
   * @param response sums of features times rewards, {@code [length]}
   * @throws IllegalArgumentException if the gram matrix is none
   */
  static RidgeModel of(double[] gram, double[] response) {
    int length = response.length;
    for (int i = 0; i < length; i++) {
      for (int j = 0; j < i; j++) {
        if (gram[i * length + j] != gram[j * length + i]) {
          throw new IllegalArgumentException(
              "gram matrix: " + i + ", " + j + " differs from " + j + ", " + i);
        }
      }
    }
    return new RidgeModel(gram, response);
  }

  int length() {
    return length;
  }

  double[] gram() {
    return gram;
  }

  double[] response() {
    return response;
  }

  double mean(double[] x) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += coefficients[i] * x[i];
    }
    return sum;
  }

  double deviation(double[] x) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      double row = 0;
      for (int j = 0; j < length; j++) {
        row += inverse[i * length + j] * x[j];
      }
      sum += x[i] * row;
    }
    return Math.sqrt(Math.max(0, sum));
  }

  RidgeModel faded(double discount) {
    return new RidgeModel(times(gram, discount), times(response, discount));
  }

  RidgeModel learn(double discount, double[] x, double reward) {
    double[] products = times(gram, discount);
    double[] rewards = times(response, discount);
    for (int i = 0; i < length; i++) {
      for (int j = 0; j < length; j++) {
        products[i * length + j] += x[i] * x[j];
      }
      rewards[i] += x[i] * reward;
    }
    return new RidgeModel(products, rewards);
  }

  private static double[] times(double[] numbers, double factor) {
    double[] result = numbers.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] *= factor;
    }
    return result;
  }

  /** The inverse of gram + 1, by Cholesky's decomposition. */
  private static double[] inverseWithRidge(double[] gram, int length) {
    double[] root = root(gram, length);
    double[] inverse = new double[length * length];
    double[] column = new double[length];
    for (int c = 0; c < length; c++) {
      for (int i = 0; i < length; i++) {
        double sum = i == c ? 1 : 0;
        for (int j = 0; j < i; j++) {
          sum -= root[i * length + j] * column[j];
        }
        column[i] = sum / root[i * length + i];
      }
      for (int i = length - 1; i >= 0; i--) {
        double sum = column[i];
        for (int j = i + 1; j < length; j++) {
          sum -= root[j * length + i] * column[j];
        }
        column[i] = sum / root[i * length + i];
        inverse[i * length + c] = column[i];
      }
    }
    return inverse;
  }

  private static double[] root(double[] gram, int length) {
    double[] root = new double[length * length];
    for (int i = 0; i < length; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = gram[i * length + j] + (i == j ? 1 : 0);
        for (int k = 0; k < j; k++) {
          sum -= root[i * length + k] * root[j * length + k];
        }
        if (i == j) {
          if (!(sum > 0)) {
            throw new IllegalArgumentException(
                "gram matrix: pivot " + i + " is " + sum + " (expected: above 0)");
          }
          root[i * length + i] = Math.sqrt(sum);
        } else {
          root[i * length + j] = sum / root[j * length + j];
        }
      }
    }
    return root;
  }
}
