package io.salver.engine.tflite;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds the options of convolutions and poolings against what they may be: the library takes a step
 * of 0, or a padding of no kind, for an output without elements, and then writes to it. It also
 * reads the bias of a depthwise convolution that has none.
 */
final class OptionsCheck {
  private static final int DEPTHWISE_CONVOLUTION = 4;
  private static final int BIAS = 2;
  private static final int INPUTS_FIELD = 1;
  private static final int OPTIONS_TYPE_FIELD = 3;
  private static final int OPTIONS_FIELD = 4;
  private static final int MAX_PADDING = 1;
  private static final int MAX_ACTIVATION = 5;

  /**
   * Where an operator's options lie.
   *
   * @param type which options they are
   * @param activation the field of the activation
   * @param positive fields that are at least 1
   */
  private record Layout(int type, int activation, int[] positive) {}

  private static final Layout POOL = new Layout(5, 5, new int[] {1, 2, 3, 4});
  private static final Map<Integer, Layout> BY_OPERATOR =
      Map.of(
          1,
          POOL, // average
          12,
          POOL, // L2
          17,
          POOL, // maximum
          3,
          new Layout(1, 3, new int[] {1, 2}), // convolution
          DEPTHWISE_CONVOLUTION,
          new Layout(2, 4, new int[] {1, 2}));

  private OptionsCheck() {}

  /**
   * Checks the options of an operator.
   *
   * @param code which operator it is
   * @return what is wrong; empty if nothing is
   */
  static String problem(int code, FlatTable operator) {
    Layout layout = BY_OPERATOR.get(code);
    if (layout == null) {
      return "";
    }
    @Nullable FlatTable options = operator.table(OPTIONS_FIELD);
    if (options == null || operator.uint8(OPTIONS_TYPE_FIELD) != layout.type) {
      return "options of another kind than the operator " + code + " has";
    }
    if (options.uint8(0) > MAX_PADDING) {
      return "padding %d (expected: 0 or 1)".formatted(options.uint8(0));
    }
    if (options.uint8(layout.activation) > MAX_ACTIVATION) {
      return "activation %d (expected: 0 to 5)".formatted(options.uint8(layout.activation));
    }
    if (code == DEPTHWISE_CONVOLUTION && !hasBias(operator.int32s(INPUTS_FIELD))) {
      return "depthwise convolution without a bias (expected: a third input)";
    }
    for (int field : layout.positive) {
      if (options.int32(field) < 1) {
        return "option %d: %d (expected: >= 1)".formatted(field, options.int32(field));
      }
    }
    return "";
  }

  private static boolean hasBias(int[] inputs) {
    return inputs.length > BIAS && inputs[BIAS] >= 0;
  }
}
