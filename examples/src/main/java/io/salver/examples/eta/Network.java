package io.salver.examples.eta;

import io.salver.examples.training.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * A feed-forward network with one output, rectified linear units between its layers and none after
 * the last. Without hidden layers it is a linear model. Used by one thread.
 *
 * <p>Its parameters are one array, layer after layer: weights {@code [inputs, outputs]} in
 * row-major order, then biases.
 */
final class Network {
  private final int[] sizes;
  private final int[] offsets;
  private final double[] parameters;
  private final double[][] activations;
  private final double[][] errors;

  /** A network with layers of the given sizes, from the features to the output. */
  Network(int... sizes) {
    this.sizes = sizes.clone();
    offsets = new int[sizes.length];
    activations = new double[sizes.length][];
    errors = new double[sizes.length][];
    activations[0] = new double[sizes[0]];
    errors[0] = new double[0];
    for (int layer = 1; layer < sizes.length; layer++) {
      offsets[layer] = offsets[layer - 1] + parametersOf(layer - 1);
      activations[layer] = new double[sizes[layer]];
      errors[layer] = new double[sizes[layer]];
    }
    parameters = new double[offsets[sizes.length - 1] + parametersOf(sizes.length - 1)];
  }

  private int parametersOf(int layer) {
    return layer == 0 ? 0 : (sizes[layer - 1] + 1) * sizes[layer];
  }

  /** Its parameters, not a copy. */
  double[] parameters() {
    return parameters;
  }

  /**
   * Draws the weights and sets the biases to zero.
   *
   * @see <a href="https://doi.org/10.1109/ICCV.2015.123">He et al.: Delving Deep into Rectifiers,
   *     2015</a>
   */
  void initialise(SeededRandom random) {
    for (int layer = 1; layer < sizes.length; layer++) {
      double deviation = Math.sqrt(2.0 / sizes[layer - 1]);
      int weights = sizes[layer - 1] * sizes[layer];
      for (int i = 0; i < parametersOf(layer); i++) {
        parameters[offsets[layer] + i] = i < weights ? deviation * random.gaussian() : 0;
      }
    }
  }

  /** The output for one row of features. */
  double predict(float[] features) {
    for (int i = 0; i < features.length; i++) {
      activations[0][i] = features[i];
    }
    for (int layer = 1; layer < sizes.length; layer++) {
      forward(layer);
    }
    return activations[sizes.length - 1][0];
  }

  private void forward(int layer) {
    double[] inputs = activations[layer - 1];
    double[] outputs = activations[layer];
    int width = outputs.length;
    System.arraycopy(parameters, offsets[layer] + inputs.length * width, outputs, 0, width);
    for (int i = 0; i < inputs.length; i++) {
      int row = offsets[layer] + i * width;
      for (int j = 0; j < width; j++) {
        outputs[j] += inputs[i] * parameters[row + j];
      }
    }
    if (layer < sizes.length - 1) {
      for (int j = 0; j < width; j++) {
        outputs[j] = Math.max(0, outputs[j]);
      }
    }
  }

  /** Adds one row's gradient of half the squared error to {@code gradient}. */
  void addGradient(float[] features, double target, double[] gradient) {
    int last = sizes.length - 1;
    errors[last][0] = predict(features) - target;
    for (int layer = last; layer > 0; layer--) {
      backward(layer, gradient);
    }
  }

  private void backward(int layer, double[] gradient) {
    double[] inputs = activations[layer - 1];
    double[] error = errors[layer];
    int width = error.length;
    for (int i = 0; i < inputs.length; i++) {
      int row = offsets[layer] + i * width;
      double below = 0;
      for (int j = 0; j < width; j++) {
        gradient[row + j] += inputs[i] * error[j];
        below += parameters[row + j] * error[j];
      }
      if (layer > 1) {
        errors[layer - 1][i] = inputs[i] > 0 ? below : 0;
      }
    }
    for (int j = 0; j < width; j++) {
      gradient[offsets[layer] + inputs.length * width + j] += error[j];
    }
  }

  /** The layers in single precision, the last one changed so that it answers in minutes. */
  List<DenseLayer> layers(Scaling minutes) {
    List<DenseLayer> layers = new ArrayList<>();
    for (int layer = 1; layer < sizes.length; layer++) {
      boolean last = layer == sizes.length - 1;
      double scale = last ? minutes.deviation() : 1;
      double shift = last ? minutes.mean() : 0;
      int weights = sizes[layer - 1] * sizes[layer];
      layers.add(
          new DenseLayer(
              sizes[layer - 1],
              sizes[layer],
              scaled(offsets[layer], weights, scale, 0),
              scaled(offsets[layer] + weights, sizes[layer], scale, shift)));
    }
    return layers;
  }

  private float[] scaled(int from, int count, double scale, double shift) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (parameters[from + i] * scale + shift);
    }
    return values;
  }
}
