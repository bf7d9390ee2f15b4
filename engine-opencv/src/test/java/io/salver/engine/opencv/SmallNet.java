package io.salver.engine.opencv;

import io.salver.wire.ProtoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A network of two layers with random numbers, and what it computes. */
final class SmallNet {
  static final int INPUTS = 3;
  static final int OUTPUTS = 4;

  static final String DEFINITION =
      """
      name: "small" # with a comment
      layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 } } }
      layer { name: "scores" type: "InnerProduct" bottom: "data" top: "scores"
              inner_product_param { num_output: 4 } }
      layer { name: "chances" type: "Softmax" bottom: "scores" top: "chances" }
      """;

  private static final int LAYER = 100;

  private final float[] matrix = new float[INPUTS * OUTPUTS];
  private final float[] bias = new float[OUTPUTS];

  SmallNet(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = random.nextFloat() - 0.5f;
    }
    for (int i = 0; i < bias.length; i++) {
      bias[i] = random.nextFloat() - 0.5f;
    }
  }

  /** The layers' numbers, as Caffe saves them. */
  byte[] weights() {
    return weights(OUTPUTS);
  }

  /** With another number of rows in the matrix's shape than there are. */
  byte[] weights(long rows) {
    ProtoWriter layer =
        new ProtoWriter()
            .string(1, "scores")
            .string(2, "InnerProduct")
            .message(7, blob(matrix, rows, INPUTS))
            .message(7, blob(bias, OUTPUTS));
    return new ProtoWriter().string(1, "small").message(LAYER, layer).toByteArray();
  }

  private static ProtoWriter blob(float[] numbers, long... shape) {
    return new ProtoWriter()
        .packedFloat32(5, numbers)
        .message(7, new ProtoWriter().packedInt64(1, shape));
  }

  /** Writes both files. */
  void writeTo(Path version) throws IOException {
    Files.writeString(version.resolve("deploy.prototxt"), DEFINITION);
    Files.write(version.resolve("model.caffemodel"), weights());
  }

  /** Matrix, bias and softmax, for one row. */
  double[] chances(float[] input) {
    double[] chances = new double[OUTPUTS];
    double sum = 0;
    for (int i = 0; i < OUTPUTS; i++) {
      double score = bias[i];
      for (int j = 0; j < INPUTS; j++) {
        score += matrix[i * INPUTS + j] * input[j];
      }
      chances[i] = Math.exp(score);
      sum += chances[i];
    }
    for (int i = 0; i < OUTPUTS; i++) {
      chances[i] /= sum;
    }
    return chances;
  }
}
