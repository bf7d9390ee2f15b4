package io.salver.examples.training;

/**
 * Changes parameters against their gradient, each by its own step size. Used by one thread.
 *
 * @see <a href="https://arxiv.org/abs/1412.6980">Kingma, Ba: Adam, 2014</a>
 */
public final class Adam {
  private static final double MEAN_DECAY = 0.9;
  private static final double SQUARE_DECAY = 0.999;

  private final double[] parameters;
  private final double[] means;
  private final double[] squares;
  private int steps;

  /** For {@code parameters}, which every step changes. */
  public Adam(double[] parameters) {
    this.parameters = parameters;
    means = new double[parameters.length];
    squares = new double[parameters.length];
  }

  /**
   * One step.
   *
   * @param gradient the sum of the gradients of {@code batchSize} rows
   */
  public void step(double[] gradient, int batchSize, double rate) {
    steps++;
    double meanCorrection = 1 - StrictMath.pow(MEAN_DECAY, steps);
    double squareCorrection = 1 - StrictMath.pow(SQUARE_DECAY, steps);
    for (int i = 0; i < parameters.length; i++) {
      double slope = gradient[i] / batchSize;
      means[i] = MEAN_DECAY * means[i] + (1 - MEAN_DECAY) * slope;
      squares[i] = SQUARE_DECAY * squares[i] + (1 - SQUARE_DECAY) * slope * slope;
      double deviation = Math.sqrt(squares[i] / squareCorrection) + 1e-8;
      parameters[i] -= rate * (means[i] / meanCorrection) / deviation;
    }
  }
}
