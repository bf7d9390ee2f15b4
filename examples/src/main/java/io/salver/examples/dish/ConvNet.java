package io.salver.examples.dish;

import io.salver.examples.training.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Convolutions, then one score for each class. Used by one thread.
 *
 * <p>Its parameters are one array: the convolutions', then weights {@code [values, classes]} in
 * row-major order and biases {@code [classes]}.
 */
final class ConvNet {
  private final List<Convolution> convolutions = new ArrayList<>();
  private final List<double[]> values = new ArrayList<>();
  private final List<double[]> slopes = new ArrayList<>();
  private final int denseAt;
  private final int features;
  private final int biasesAt;
  private final double[] parameters;
  private final double[] scores;

  /**
   * A network.
   *
   * @param side of the pictures; each convolution halves it
   * @param channels of each convolution
   */
  ConvNet(int side, int classes, int... channels) {
    Grid in = new Grid(Picture.CHANNELS, side, 1);
    int at = 0;
    for (int layer = 0; layer < channels.length; layer++) {
      int border = layer < channels.length - 1 ? 1 : 0;
      Grid out = new Grid(channels[layer], in.side() / 2, border);
      Convolution convolution = new Convolution(in, out, at);
      convolutions.add(convolution);
      at = convolution.end();
      addValues(in);
      in = out;
    }
    addValues(in);
    features = in.length();
    denseAt = at;
    biasesAt = at + features * classes;
    parameters = new double[biasesAt + classes];
    scores = new double[classes];
  }

  private void addValues(Grid grid) {
    values.add(new double[grid.length()]);
    slopes.add(new double[grid.length()]);
  }

  /** Its parameters, not a copy. */
  double[] parameters() {
    return parameters;
  }

  List<Convolution> convolutions() {
    return convolutions;
  }

  /** How many values the last convolution gives. */
  int features() {
    return features;
  }

  int denseAt() {
    return denseAt;
  }

  int biasesAt() {
    return biasesAt;
  }

  /**
   * Draws the weights and sets the biases to zero.
   *
   * @see <a href="https://doi.org/10.1109/ICCV.2015.123">He et al.: Delving Deep into Rectifiers,
   *     2015</a>
   */
  void initialise(SeededRandom random) {
    Arrays.fill(parameters, 0);
    for (Convolution convolution : convolutions) {
      double deviation = Math.sqrt(2.0 / convolution.weightsOfOutput());
      draw(convolution.weightsAt(), convolution.biasesAt(), deviation, random);
    }
    draw(denseAt, biasesAt, Math.sqrt(1.0 / features), random);
  }

  private void draw(int from, int to, double deviation, SeededRandom random) {
    for (int i = from; i < to; i++) {
      parameters[i] = deviation * random.gaussian();
    }
  }

  /** The scores of a picture's classes, not a copy. */
  double[] scores(Picture picture) {
    show(picture);
    for (int i = 0; i < convolutions.size(); i++) {
      convolutions.get(i).forward(parameters, values.get(i), values.get(i + 1));
    }
    System.arraycopy(parameters, biasesAt, scores, 0, scores.length);
    double[] last = values.getLast();
    for (int i = 0; i < features; i++) {
      for (int c = 0; c < scores.length; c++) {
        scores[c] += last[i] * parameters[denseAt + i * scores.length + c];
      }
    }
    return scores;
  }

  /** The network takes values from -1 to 1. */
  private void show(Picture picture) {
    Grid grid = convolutions.getFirst().in();
    double[] input = values.getFirst();
    int from = 0;
    for (int channel = 0; channel < grid.channels(); channel++) {
      for (int y = 0; y < grid.side(); y++) {
        for (int x = 0; x < grid.side(); x++) {
          input[grid.index(channel, y, x)] = 2 * picture.values()[from++] - 1;
        }
      }
    }
  }

  /** The class with the highest score. */
  int best(Picture picture) {
    double[] all = scores(picture);
    int best = 0;
    for (int c = 1; c < all.length; c++) {
      best = all[c] > all[best] ? c : best;
    }
    return best;
  }

  /**
   * Adds a picture's gradient of the cross-entropy to {@code gradient}.
   *
   * @return the cross-entropy: minus the logarithm of the probability of the picture's own class
   */
  double addGradient(Picture picture, double[] gradient) {
    double[] slope = softmax(scores(picture));
    int own = picture.dish().ordinal();
    double loss = -StrictMath.log(slope[own]);
    slope[own] -= 1;
    slopes.forEach(array -> Arrays.fill(array, 0));
    dense(slope, gradient);
    for (int i = convolutions.size() - 1; i >= 0; i--) {
      convolutions
          .get(i)
          .backward(parameters, values.get(i), slopes.get(i + 1), gradient, slopes.get(i));
    }
    return loss;
  }

  private void dense(double[] slope, double[] gradient) {
    double[] last = values.getLast();
    double[] lastSlopes = slopes.getLast();
    for (int i = 0; i < features; i++) {
      for (int c = 0; c < slope.length; c++) {
        int weight = denseAt + i * slope.length + c;
        gradient[weight] += slope[c] * last[i];
        lastSlopes[i] += slope[c] * parameters[weight];
      }
    }
    for (int c = 0; c < slope.length; c++) {
      gradient[biasesAt + c] += slope[c];
    }
  }

  private static double[] softmax(double[] scores) {
    double largest = Arrays.stream(scores).max().orElseThrow();
    double[] results = new double[scores.length];
    double sum = 0;
    for (int c = 0; c < scores.length; c++) {
      results[c] = StrictMath.exp(scores[c] - largest);
      sum += results[c];
    }
    for (int c = 0; c < scores.length; c++) {
      results[c] /= sum;
    }
    return results;
  }
}
