package io.salver.examples.dish;

import java.util.Arrays;

/**
 * Convolves 3 by 3 cells, takes the largest of each 2 by 2 of the results, and makes it 0 if it is
 * negative. Used by one thread.
 *
 * <p>Its parameters are weights {@code [out, in, 3, 3]} in row-major order, then biases {@code
 * [out]}, in an array that it shares with other layers.
 */
final class Convolution {
  static final int KERNEL = 3;

  private static final int NONE = -1;

  private final Grid in;
  private final Grid out;
  private final int weightsAt;
  private final int biasesAt;
  private final double[] sums;
  private final int[] winners;

  /**
   * A layer.
   *
   * @param in with a border of 1
   * @param out with half the side of {@code in}
   * @param parametersAt where its parameters begin
   */
  Convolution(Grid in, Grid out, int parametersAt) {
    this.in = in;
    this.out = out;
    weightsAt = parametersAt;
    biasesAt = parametersAt + weightsOfOutput() * out.channels();
    sums = new double[in.side() * in.stride()];
    winners = new int[out.channels() * out.side() * out.side()];
  }

  Grid in() {
    return in;
  }

  Grid out() {
    return out;
  }

  int weightsAt() {
    return weightsAt;
  }

  int biasesAt() {
    return biasesAt;
  }

  /** Where the next layer's parameters may begin. */
  int end() {
    return biasesAt + out.channels();
  }

  /** How many weights an output channel has. */
  int weightsOfOutput() {
    return in.channels() * KERNEL * KERNEL;
  }

  /** Fills {@code output} but for its border. */
  void forward(double[] parameters, double[] input, double[] output) {
    for (int o = 0; o < out.channels(); o++) {
      Arrays.fill(sums, parameters[biasesAt + o]);
      int weight = weightsAt + o * weightsOfOutput();
      for (int i = 0; i < in.channels(); i++) {
        for (int k = 0; k < KERNEL * KERNEL; k++) {
          addScaled(parameters[weight++], input, i * in.plane() + offset(k));
        }
      }
      pool(o, output);
    }
  }

  /** From the upper left cell of a window to its cell {@code k}. */
  private int offset(int k) {
    return k / KERNEL * in.stride() + k % KERNEL;
  }

  /** For all windows at once, also those that run over a row's end; nobody looks at these. */
  private void addScaled(double weight, double[] input, int from) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += weight * input[from + i];
    }
  }

  private void pool(int channel, double[] output) {
    int stride = in.stride();
    int winner = channel * out.side() * out.side();
    for (int y = 0; y < out.side(); y++) {
      for (int x = 0; x < out.side(); x++) {
        int upper = 2 * y * stride + 2 * x;
        int best = larger(larger(upper, upper + 1), larger(upper + stride, upper + stride + 1));
        boolean positive = sums[best] > 0;
        winners[winner++] = positive ? best : NONE;
        output[out.index(channel, y, x)] = positive ? sums[best] : 0;
      }
    }
  }

  private int larger(int a, int b) {
    return sums[b] > sums[a] ? b : a;
  }

  /** Adds to {@code gradient} and {@code inputGradient}; after {@link #forward}. */
  void backward(
      double[] parameters,
      double[] input,
      double[] outputGradient,
      double[] gradient,
      double[] inputGradient) {
    int at = 0;
    for (int o = 0; o < out.channels(); o++) {
      for (int y = 0; y < out.side(); y++) {
        for (int x = 0; x < out.side(); x++) {
          int window = winners[at++];
          if (window != NONE) {
            double slope = outputGradient[out.index(o, y, x)];
            gradient[biasesAt + o] += slope;
            window(o, window, slope, parameters, input, gradient, inputGradient);
          }
        }
      }
    }
  }

  private void window(
      int channel,
      int window,
      double slope,
      double[] parameters,
      double[] input,
      double[] gradient,
      double[] inputGradient) {
    int weight = weightsAt + channel * weightsOfOutput();
    for (int i = 0; i < in.channels(); i++) {
      for (int y = 0; y < KERNEL; y++) {
        int cell = i * in.plane() + window + y * in.stride();
        for (int x = 0; x < KERNEL; x++) {
          gradient[weight] += slope * input[cell + x];
          inputGradient[cell + x] += slope * parameters[weight];
          weight++;
        }
      }
    }
  }
}
