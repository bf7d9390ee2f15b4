package io.salver.examples.eta;

/**
 * A fully connected layer; its arrays are not copied and never written.
 *
 * @param weights {@code [inputs, outputs]} in row-major order
 * @param biases {@code [outputs]}
 */
@SuppressWarnings("ArrayRecordComponent")
record DenseLayer(int inputs, int outputs, float[] weights, float[] biases) {

  /** The layer's outputs, before any activation. */
  float[] apply(float[] values) {
    float[] results = biases.clone();
    for (int i = 0; i < inputs; i++) {
      for (int j = 0; j < outputs; j++) {
        results[j] += values[i] * weights[i * outputs + j];
      }
    }
    return results;
  }
}
