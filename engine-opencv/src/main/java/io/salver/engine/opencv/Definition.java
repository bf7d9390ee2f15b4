package io.salver.engine.opencv;

import io.salver.engine.ModelLoadException;
import io.salver.tensor.Shape;
import io.salver.wire.TextMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a {@code .prototxt} says of a network's ends.
 *
 * @param inputs the shapes of its inputs by name, in order
 * @param tops for each layer, the first blob that it makes
 */
record Definition(Map<String, Shape> inputs, Map<String, String> tops) {
  private static final int MAX_FIELDS = 1_000_000;
  private static final int OLD_DIMS = 4;

  /** Of one input: 4 GiB. */
  private static final long MAX_ELEMENTS = 1L << 30;

  /**
   * Reads it.
   *
   * @throws ModelLoadException if it declares no inputs, or one of no usable shape
   * @throws io.salver.wire.WireFormatException if it is no message in text format
   */
  static Definition parse(String text) throws ModelLoadException {
    TextMessage net = TextMessage.parse(text, MAX_FIELDS);
    Map<String, Shape> inputs = new LinkedHashMap<>();
    addNetInputs(net, inputs);
    List<TextMessage> layers = new ArrayList<>(net.messages("layer"));
    layers.addAll(net.messages("layers"));
    Map<String, String> tops = new LinkedHashMap<>();
    for (TextMessage layer : layers) {
      List<String> made = layer.values("top");
      if (layer.value("type").orElse("").equals("Input")) {
        addLayerInputs(layer, made, inputs);
      }
      layer.value("name").ifPresent(n -> tops.put(n, made.isEmpty() ? n : made.getFirst()));
    }
    if (inputs.isEmpty()) {
      throw new ModelLoadException(
          "no inputs (expected: input and input_shape, or layers of type Input, as a network for"
              + " deployment has them)");
    }
    return new Definition(inputs, tops);
  }

  private static void addNetInputs(TextMessage net, Map<String, Shape> to)
      throws ModelLoadException {
    List<String> names = net.values("input");
    List<TextMessage> shapes = net.messages("input_shape");
    List<String> dims = net.values("input_dim");
    for (int i = 0; i < names.size(); i++) {
      List<String> own =
          i < shapes.size()
              ? shapes.get(i).values("dim")
              : dims.subList(
                  Math.min(i * OLD_DIMS, dims.size()), Math.min((i + 1) * OLD_DIMS, dims.size()));
      to.put(names.get(i), shape(names.get(i), own));
    }
  }

  private static void addLayerInputs(TextMessage layer, List<String> names, Map<String, Shape> to)
      throws ModelLoadException {
    List<TextMessage> shapes =
        layer.message("input_param").map(param -> param.messages("shape")).orElse(List.of());
    for (int i = 0; i < names.size(); i++) {
      List<String> dims =
          shapes.isEmpty() ? List.of() : shapes.get(Math.min(i, shapes.size() - 1)).values("dim");
      to.put(names.get(i), shape(names.get(i), dims));
    }
  }

  private static Shape shape(String input, List<String> dims) throws ModelLoadException {
    try {
      Shape shape = Shape.of(dims.stream().mapToLong(Long::parseLong).toArray());
      if (shape.rank() > 0 && shape.elementCount() > 0 && shape.elementCount() <= MAX_ELEMENTS) {
        return shape;
      }
    } catch (IllegalArgumentException e) {
      // No shape is as wrong as an empty one.
    }
    throw new ModelLoadException(
        "input \""
            + input
            + "\": dimensions "
            + dims
            + " (expected: at least one, each >= 1, of at most "
            + MAX_ELEMENTS
            + " elements)");
  }
}
