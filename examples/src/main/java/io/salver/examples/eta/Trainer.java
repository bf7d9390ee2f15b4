package io.salver.examples.eta;

import io.salver.examples.training.Adam;
import io.salver.examples.training.SeededRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Fits a network to deliveries: Adam on mini-batches, until the validation error has not fallen for
 * some epochs; the best epoch's parameters are kept. Everything is in a fixed order, so the same
 * seed and data give the same parameters on every machine. Used by one thread.
 */
final class Trainer {
  private static final int BATCH_SIZE = 64;
  private static final int MAX_EPOCHS = 60;
  private static final int PATIENCE_EPOCHS = 8;
  private static final double LEARNING_RATE = 0.004;
  private static final double DECAY_PER_EPOCH = 0.94;

  private final SeededRandom random;
  private final Network network;
  private final double[] gradient;
  private final Adam adam;

  private Trainer(Network network, SeededRandom random) {
    this.network = network;
    this.random = random;
    gradient = new double[network.parameters().length];
    adam = new Adam(network.parameters());
  }

  /** Fits a network with the given hidden layers. */
  static List<DenseLayer> fit(
      long seed, List<Scaling> features, DeliverySplit data, int... hiddenSizes) {
    Scaling minutes = Scaling.of(data.training().size(), i -> data.training().get(i).minutes());
    int[] sizes =
        IntStream.concat(
                IntStream.concat(IntStream.of(Features.COUNT), IntStream.of(hiddenSizes)),
                IntStream.of(1))
            .toArray();
    SeededRandom random = new SeededRandom(seed);
    Network network = new Network(sizes);
    network.initialise(random);
    new Trainer(network, random)
        .fit(
            Rows.of(data.training(), features, minutes),
            Rows.of(data.validation(), features, minutes));
    return network.layers(minutes);
  }

  private void fit(Rows training, Rows validation) {
    int[] order = IntStream.range(0, training.count()).toArray();
    double[] best = network.parameters().clone();
    double bestError = Double.POSITIVE_INFINITY;
    double rate = LEARNING_RATE;
    int bestEpoch = 0;
    for (int epoch = 0; epoch < MAX_EPOCHS && epoch - bestEpoch <= PATIENCE_EPOCHS; epoch++) {
      random.shuffle(order);
      train(training, order, rate);
      rate *= DECAY_PER_EPOCH;
      double error = meanSquaredError(validation);
      if (error < bestError) {
        bestError = error;
        bestEpoch = epoch;
        best = network.parameters().clone();
      }
    }
    System.arraycopy(best, 0, network.parameters(), 0, best.length);
  }

  private void train(Rows rows, int[] order, double rate) {
    for (int from = 0; from < order.length; from += BATCH_SIZE) {
      int to = Math.min(from + BATCH_SIZE, order.length);
      Arrays.fill(gradient, 0);
      for (int i = from; i < to; i++) {
        network.addGradient(rows.features()[order[i]], rows.targets()[order[i]], gradient);
      }
      adam.step(gradient, to - from, rate);
    }
  }

  private double meanSquaredError(Rows rows) {
    double sum = 0;
    for (int i = 0; i < rows.count(); i++) {
      double error = network.predict(rows.features()[i]) - rows.targets()[i];
      sum += error * error;
    }
    return sum / rows.count();
  }

  /** Deliveries as the network sees them: scaled features and scaled minutes. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Rows(float[][] features, double[] targets) {
    static Rows of(List<Delivery> deliveries, List<Scaling> scalings, Scaling minutes) {
      return new Rows(
          deliveries.stream()
              .map(d -> EtaModel.scaled(Features.of(d.order()), scalings))
              .toArray(float[][]::new),
          deliveries.stream()
              .mapToDouble(d -> (d.minutes() - minutes.mean()) / minutes.deviation())
              .toArray());
    }

    int count() {
      return targets.length;
    }
  }
}
