package io.salver.examples.dish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.salver.examples.training.SeededRandom;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConvNetTest {
  private static final long SEED = 3;
  private static final int SIDE = 8;
  private static final int CLASSES = Dish.values().length;
  private static final int KERNEL = Convolution.KERNEL;

  private final ConvNet network = new ConvNet(SIDE, CLASSES, 2, 3);
  private final Picture picture = new DishPainter(SEED).any(SIDE);

  @BeforeEach
  void initialise() {
    SeededRandom random = new SeededRandom(SEED);
    network.initialise(random);
    // Biases other than zero, as a trained network has them.
    double[] parameters = network.parameters();
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] += 0.1 * random.gaussian();
    }
  }

  @Test
  void scoresAreThoseOfThePlainDefinition() {
    double[][][] values = new double[Picture.CHANNELS][SIDE][SIDE];
    for (int i = 0; i < picture.values().length; i++) {
      values[i / (SIDE * SIDE)][i / SIDE % SIDE][i % SIDE] = 2 * picture.values()[i] - 1;
    }
    for (Convolution layer : network.convolutions()) {
      values = pooled(convolved(values, layer));
    }
    double[] scores = network.scores(picture);
    for (int c = 0; c < CLASSES; c++) {
      double expected = network.parameters()[network.biasesAt() + c];
      int feature = 0;
      for (double[][] plane : values) {
        for (double[] row : plane) {
          for (double value : row) {
            expected += value * network.parameters()[network.denseAt() + feature++ * CLASSES + c];
          }
        }
      }
      assertThat(scores[c]).as("seed %d, class %d", SEED, c).isCloseTo(expected, within(1e-9));
    }
  }

  private double[][][] convolved(double[][][] in, Convolution layer) {
    int side = in[0].length;
    double[][][] out = new double[layer.out().channels()][side][side];
    for (int o = 0; o < out.length; o++) {
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          double sum = network.parameters()[layer.biasesAt() + o];
          int weight = layer.weightsAt() + o * layer.weightsOfOutput();
          for (double[][] plane : in) {
            for (int k = 0; k < KERNEL * KERNEL; k++) {
              sum +=
                  network.parameters()[weight++]
                      * padded(plane, y + k / KERNEL - 1, x + k % KERNEL - 1);
            }
          }
          out[o][y][x] = sum;
        }
      }
    }
    return out;
  }

  private static double padded(double[][] plane, int y, int x) {
    boolean inside = y >= 0 && x >= 0 && y < plane.length && x < plane.length;
    return inside ? plane[y][x] : 0;
  }

  private static double[][][] pooled(double[][][] in) {
    int side = in[0].length / 2;
    double[][][] out = new double[in.length][side][side];
    for (int c = 0; c < in.length; c++) {
      for (int y = 0; y < 2 * side; y++) {
        for (int x = 0; x < 2 * side; x++) {
          out[c][y / 2][x / 2] = Math.max(out[c][y / 2][x / 2], in[c][y][x]);
        }
      }
    }
    return out;
  }

  @Test
  void gradientIsTheSlopeOfTheCrossEntropy() {
    double[] parameters = network.parameters();
    double[] gradient = new double[parameters.length];
    network.addGradient(picture, gradient);
    double step = 1e-6;
    for (int i = 0; i < parameters.length; i++) {
      double before = parameters[i];
      parameters[i] = before + step;
      double above = loss();
      parameters[i] = before - step;
      double below = loss();
      parameters[i] = before;
      assertThat(gradient[i])
          .as("seed %d, parameter %d", SEED, i)
          .isCloseTo((above - below) / (2 * step), within(1e-5));
    }
  }

  private double loss() {
    return network.addGradient(picture, new double[network.parameters().length]);
  }

  @Test
  void gradientsOfPicturesAddUp() {
    double[] once = new double[network.parameters().length];
    network.addGradient(picture, once);
    double[] twice = once.clone();
    network.addGradient(picture, twice);
    for (int i = 0; i < once.length; i++) {
      assertThat(twice[i]).isCloseTo(2 * once[i], within(1e-12));
    }
  }

  @Test
  void bestIsTheHighestScore() {
    Arrays.fill(network.parameters(), 0);
    network.parameters()[network.biasesAt() + 4] = 1;
    assertThat(network.best(picture)).isEqualTo(4);
  }
}
