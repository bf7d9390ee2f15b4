package io.salver.examples.dish;

import io.salver.examples.onnx.OnnxWriter;
import io.salver.examples.training.Adam;
import io.salver.examples.training.SeededRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The model, trained. Used by one thread. */
public final class DishModel {
  /** Of the pictures that the network takes, in pixels. */
  public static final int SIDE = 32;

  private static final int[] CHANNELS = {8, 16, 24};
  private static final long PAINTER_SEED = 20_261_127;
  private static final long NETWORK_SEED = 7;
  private static final long HELD_OUT_SEED = 20_261_128;
  private static final int HELD_OUT = 3_000;
  private static final int STEPS = 1_000;
  private static final int BATCH_SIZE = 16;
  private static final double LEARNING_RATE = 0.005;

  private final ConvNet network;

  private DishModel(ConvNet network) {
    this.network = network;
  }

  /** Draws pictures and trains a network on them. Takes some seconds. */
  public static DishModel train() {
    return train(STEPS);
  }

  /**
   * Trains with {@code steps} mini-batches. Every picture is drawn for its step and seen once. The
   * step size falls linearly to zero.
   */
  static DishModel train(int steps) {
    ConvNet network = new ConvNet(SIDE, Dish.values().length, CHANNELS);
    network.initialise(new SeededRandom(NETWORK_SEED));
    DishPainter painter = new DishPainter(PAINTER_SEED);
    Adam adam = new Adam(network.parameters());
    double[] gradient = new double[network.parameters().length];
    for (int step = 0; step < steps; step++) {
      Arrays.fill(gradient, 0);
      for (int i = 0; i < BATCH_SIZE; i++) {
        network.addGradient(painter.any(SIDE), gradient);
      }
      adam.step(gradient, BATCH_SIZE, LEARNING_RATE * (steps - step) / steps);
    }
    return new DishModel(network);
  }

  /** What the network takes the picture for. */
  public Dish answer(Picture picture) {
    return Dish.values()[network.best(picture)];
  }

  /** How many of the held-out pictures of each dish are recognised, as a Markdown table. */
  public String report() {
    int dishes = Dish.values().length;
    int[] drawn = new int[dishes];
    int[] recognised = new int[dishes];
    DishPainter painter = new DishPainter(HELD_OUT_SEED);
    for (int i = 0; i < HELD_OUT; i++) {
      Picture picture = painter.any(SIDE);
      drawn[picture.dish().ordinal()]++;
      recognised[picture.dish().ordinal()] += answer(picture) == picture.dish() ? 1 : 0;
    }
    StringBuilder table = new StringBuilder("| dish | drawn | recognised |\n|---|---:|---:|\n");
    for (Dish dish : Dish.values()) {
      table.append(row(dish.label(), drawn[dish.ordinal()], recognised[dish.ordinal()]));
    }
    int all = Arrays.stream(recognised).sum();
    return table.append(row("all", HELD_OUT, all)).toString();
  }

  private static String row(String name, int drawn, int recognised) {
    return String.format(
        Locale.ROOT, "| %s | %d | %.1f %% |\n", name, drawn, 100.0 * recognised / drawn);
  }

  /** The names of the classes, one on each line. */
  public static String labels() {
    return Arrays.stream(Dish.values())
        .map(dish -> dish.label() + "\n")
        .collect(Collectors.joining());
  }

  /**
   * The model as an ONNX file: the input {@code pixels}, FLOAT {@code [batch, 3, 32, 32]} with red,
   * green and blue from -1 to 1, and the output {@code scores}, FLOAT {@code [batch, 6]}.
   */
  public byte[] toOnnx() {
    OnnxWriter onnx =
        new OnnxWriter("dish", 1, "Which dish is in the picture, by three convolutions")
            .input("pixels", "red, green and blue from -1 to 1", Picture.CHANNELS, SIDE, SIDE);
    String values = "pixels";
    for (int i = 0; i < CHANNELS.length; i++) {
      values = writeConvolution(onnx, i + 1, network.convolutions().get(i), values);
    }
    int classes = Dish.values().length;
    return onnx.floats(
            "dense_weights",
            List.of(network.features(), classes),
            floats(network.denseAt(), network.biasesAt()))
        .floats(
            "dense_biases",
            List.of(classes),
            floats(network.biasesAt(), network.biasesAt() + classes))
        .node("Flatten", List.of(values), "features")
        .node("Gemm", List.of("features", "dense_weights", "dense_biases"), "scores")
        .output("scores", "the higher, the likelier", classes)
        .metadata("task", "classification")
        .toByteArray();
  }

  private String writeConvolution(
      OnnxWriter onnx, int number, Convolution convolution, String values) {
    String name = "conv_" + number;
    int out = convolution.out().channels();
    int kernel = Convolution.KERNEL;
    onnx.floats(
            name + "_weights",
            List.of(out, convolution.in().channels(), kernel, kernel),
            floats(convolution.weightsAt(), convolution.biasesAt()))
        .floats(name + "_biases", List.of(out), floats(convolution.biasesAt(), convolution.end()))
        .node(
            "Conv",
            List.of(values, name + "_weights", name + "_biases"),
            name + "_sums",
            Map.of(),
            Map.of("pads", List.of(1L, 1L, 1L, 1L)))
        .node("Relu", List.of(name + "_sums"), name + "_positive")
        .node(
            "MaxPool",
            List.of(name + "_positive"),
            name,
            Map.of(),
            Map.of("kernel_shape", List.of(2L, 2L), "strides", List.of(2L, 2L)));
    return name;
  }

  private float[] floats(int from, int to) {
    float[] floats = new float[to - from];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) network.parameters()[from + i];
    }
    return floats;
  }
}
