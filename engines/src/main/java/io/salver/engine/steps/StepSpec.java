package io.salver.engine.steps;

import java.util.List;
import java.util.Optional;

/**
 * One step, as it is declared: which tensor it takes, which it gives, and how. Tensors are known by
 * name; which types and shapes they have, the model says.
 */
public sealed interface StepSpec {
  /** The step's name where it is declared, for messages. */
  String kind();

  /**
   * Encoded images become numbers: decoded, resized, cropped and scaled.
   *
   * @param input what clients send: a STRING tensor of shape [-1] with a JPEG, PNG, BMP or GIF in
   *     each element
   * @param tensor the model's input: FLOAT32, FLOAT16, UINT8 or INT8 of shape [n, height, width,
   *     channels] or [n, channels, height, width], with 1 or 3 channels
   * @param heightAndWidth of what the model gets; empty if its input says that
   * @param resize how the image comes to that size
   * @param cropFraction with {@link Resize#CROP}, the part of the covering size that is kept, above
   *     0 and at most 1: 0.875 where a model's training resized to 256 and cropped to 224
   * @param color the order of the channels
   * @param low what the darkest value of a pixel becomes
   * @param high what the brightest becomes
   * @param mean taken away after that, one for each channel or one for all
   * @param std what the rest is divided by, as {@code mean}
   * @param maxPixels images of more are refused, before they are decoded
   */
  record Image(
      String input,
      String tensor,
      List<Integer> heightAndWidth,
      Resize resize,
      double cropFraction,
      Color color,
      double low,
      double high,
      List<Double> mean,
      List<Double> std,
      int maxPixels)
      implements StepSpec {
    public Image {
      heightAndWidth = List.copyOf(heightAndWidth);
      mean = List.copyOf(mean);
      std = List.copyOf(std);
    }

    @Override
    public String kind() {
      return "image";
    }
  }

  /** How an image comes to the size that the model takes. */
  enum Resize {
    /** Height and width each by their own factor. */
    STRETCH,
    /** Until it covers the model's size; what is over is cut off, as much on either side. */
    CROP,
    /** Until it fits inside; the rest is black, at the right and below. */
    PAD
  }

  /** The channels, and their order. */
  enum Color {
    /** Red, green, blue; brightness for a model that takes one channel. */
    RGB,
    /** Blue, green, red. */
    BGR
  }

  /**
   * Text becomes the numbers of its words and parts of words, as BERT's models take them.
   *
   * @param input what clients send: a STRING tensor of shape [-1] of UTF-8
   * @param vocabulary a file with a token on each line, whose number is its line, from 0
   * @param lowerCase whether upper case and accents are taken away
   * @param maxTokens the most for one text, with the two special ones; what is over is cut off
   * @param ids the model's input for the numbers
   * @param mask its input that says which of them are not padding, if it has one
   * @param types its input for the number of the sentence, always 0, if it has one
   */
  record WordPieces(
      String input,
      String vocabulary,
      boolean lowerCase,
      int maxTokens,
      String ids,
      Optional<String> mask,
      Optional<String> types)
      implements StepSpec {
    @Override
    public String kind() {
      return "word_pieces";
    }
  }

  /**
   * Numbers with names become the rows of a model that takes them by their order.
   *
   * @param inputs what clients send: for each column a tensor of the model's type and shape [-1]
   * @param tensor the model's input: FLOAT32 or FLOAT64 of shape [n, columns]
   */
  record Columns(List<String> inputs, String tensor) implements StepSpec {
    public Columns {
      inputs = List.copyOf(inputs);
    }

    @Override
    public String kind() {
      return "columns";
    }
  }

  /**
   * Scores become probabilities: {@code exp(x) / sum(exp(x))} over the last dimension.
   *
   * @param tensor what it takes: FLOAT32 or FLOAT16
   * @param output what it gives; the same name replaces it
   */
  record Softmax(String tensor, String output) implements StepSpec {
    @Override
    public String kind() {
      return "softmax";
    }
  }

  /**
   * The names of the highest scores, highest first.
   *
   * @param tensor what it takes: FLOAT32, FLOAT16, UINT8 or INT8 [n, classes], or with dimensions
   *     of 1 beside those
   * @param file a file with the name of a class on each line
   * @param top how many of them
   * @param label the output with the names: STRING [n, top]
   * @param score the output with the scores: FLOAT32 [n, top]
   */
  record Labels(String tensor, String file, int top, String label, String score)
      implements StepSpec {
    @Override
    public String kind() {
      return "labels";
    }
  }

  /**
   * Numbers of classes become their names.
   *
   * @param tensor what it takes: INT64 or INT32 of any shape
   * @param file a file with the name of a class on each line
   * @param output what it gives: STRING of the same shape; the same name replaces it
   */
  record Names(String tensor, String file, String output) implements StepSpec {
    @Override
    public String kind() {
      return "names";
    }
  }
}
