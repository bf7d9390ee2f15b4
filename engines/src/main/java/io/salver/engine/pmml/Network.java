package io.salver.engine.pmml;

/** The layers of a neural network, whose neurons' values lie in {@link Row#results}. Immutable. */
final class Network {
  /** What is made of a neuron's sum. */
  enum Activation {
    THRESHOLD,
    LOGISTIC,
    TANH,
    IDENTITY,
    EXPONENTIAL,
    RECIPROCAL,
    SQUARE,
    GAUSS,
    SINE,
    COSINE,
    ELLIOTT,
    ARCTAN,
    RECTIFIER;

    double of(double z, double threshold) {
      return switch (this) {
        case THRESHOLD -> Double.isNaN(z) ? z : z > threshold ? 1 : 0;
        case LOGISTIC -> 1 / (1 + Math.exp(-z));
        case TANH -> Math.tanh(z);
        case IDENTITY -> z;
        case EXPONENTIAL -> Math.exp(z);
        case RECIPROCAL -> 1 / z;
        case SQUARE -> z * z;
        case GAUSS -> Math.exp(-z * z);
        case SINE -> Math.sin(z);
        case COSINE -> Math.cos(z);
        case ELLIOTT -> z / (1 + Math.abs(z));
        case ARCTAN -> 2 * Math.atan(z) / Math.PI;
        case RECTIFIER -> Math.max(0, z);
      };
    }
  }

  /**
   * A layer.
   *
   * @param first the place of its first neuron
   * @param sources by neuron and connection: the place of the neuron it comes from
   * @param weights by neuron and connection
   * @param biases by neuron
   * @param normalization none, simplemax or softmax, over the layer
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Layer(
      int first,
      int[][] sources,
      double[][] weights,
      double[] biases,
      Activation activation,
      double threshold,
      String normalization) {}

  private final Expression[] inputs;
  private final Layer[] layers;
  private final int at;

  /**
   * A network.
   *
   * @param at where its neurons' values begin, those of the inputs first
   */
  Network(Expression[] inputs, Layer[] layers, int at) {
    this.inputs = inputs;
    this.layers = layers;
    this.at = at;
  }

  /** Computes the values of all neurons. */
  void run(Row row) {
    double[] values = row.results;
    for (int i = 0; i < inputs.length; i++) {
      values[at + i] = inputs[i].value(row);
    }
    for (Layer layer : layers) {
      int count = layer.biases.length;
      for (int i = 0; i < count; i++) {
        double z = layer.biases[i];
        int[] sources = layer.sources[i];
        double[] weights = layer.weights[i];
        for (int j = 0; j < sources.length; j++) {
          z += weights[j] * values[at + sources[j]];
        }
        values[at + layer.first + i] = layer.activation.of(z, layer.threshold);
      }
      if (layer.normalization.equals("softmax")) {
        Probabilities.softmax(values, at + layer.first, count);
      } else if (layer.normalization.equals("simplemax")) {
        Probabilities.normalize(values, at + layer.first, count);
      }
    }
  }
}
