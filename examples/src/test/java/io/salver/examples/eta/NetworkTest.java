package io.salver.examples.eta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.salver.examples.training.SeededRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkTest {
  private static final long SEED = 11;
  private static final float[] FEATURES = {0.3f, -1.2f, 0.7f};

  private static Network network(int... sizes) {
    Network network = new Network(sizes);
    SeededRandom random = new SeededRandom(SEED);
    network.initialise(random);
    return network;
  }

  @Test
  void gradientIsTheSlopeOfHalfTheSquaredError() {
    Network network = network(3, 5, 4, 1);
    double[] parameters = network.parameters();
    double[] gradient = new double[parameters.length];
    network.addGradient(FEATURES, 2, gradient);
    double step = 1e-6;
    for (int i = 0; i < parameters.length; i++) {
      double before = parameters[i];
      parameters[i] = before + step;
      double above = halfSquare(network);
      parameters[i] = before - step;
      double below = halfSquare(network);
      parameters[i] = before;
      assertThat(gradient[i])
          .as("seed %d, parameter %d", SEED, i)
          .isCloseTo((above - below) / (2 * step), within(1e-6));
    }
  }

  private static double halfSquare(Network network) {
    double error = network.predict(FEATURES) - 2;
    return error * error / 2;
  }

  @Test
  void gradientsOfRowsAddUp() {
    Network network = network(3, 4, 1);
    double[] once = new double[network.parameters().length];
    network.addGradient(FEATURES, 2, once);
    double[] twice = once.clone();
    network.addGradient(FEATURES, 2, twice);
    for (int i = 0; i < once.length; i++) {
      assertThat(twice[i]).isEqualTo(2 * once[i]);
    }
  }

  @Test
  void networkWithoutHiddenLayersIsLinear() {
    Network network = new Network(2, 1);
    System.arraycopy(new double[] {3, -2, 10}, 0, network.parameters(), 0, 3);
    assertThat(network.predict(new float[] {1, 1})).isEqualTo(11);
    assertThat(network.predict(new float[] {-4, 5})).isEqualTo(-12);
  }

  @Test
  void exportedLayersAnswerInMinutes() {
    Network network = network(3, 1);
    List<DenseLayer> layers = network.layers(new Scaling(30, 10));
    double expected = 30 + 10 * network.predict(FEATURES);
    assertThat(layers).hasSize(1);
    assertThat((double) layers.getFirst().apply(FEATURES)[0]).isCloseTo(expected, within(1e-5));
  }
}
