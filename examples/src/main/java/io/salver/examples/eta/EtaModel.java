package io.salver.examples.eta;

import io.salver.examples.onnx.OnnxWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A version of the model, in plain Java and as an ONNX file. Immutable. */
public final class EtaModel {
  private final long version;
  private final String description;
  private final List<Scaling> scalings;
  private final List<DenseLayer> layers;

  EtaModel(long version, String description, List<Scaling> scalings, List<DenseLayer> layers) {
    this.version = version;
    this.description = description;
    this.scalings = List.copyOf(scalings);
    this.layers = List.copyOf(layers);
  }

  /** The version's number in the model repository. */
  public long version() {
    return version;
  }

  /** What kind of model this version is. */
  public String description() {
    return description;
  }

  /** The expected time from the order to the door in minutes, at least 0. */
  public float minutes(Order order) {
    float[] values = scaled(Features.of(order), scalings);
    for (int i = 0; i < layers.size(); i++) {
      values = rectified(layers.get(i).apply(values));
    }
    return values[0];
  }

  static float[] scaled(float[] features, List<Scaling> scalings) {
    float[] values = new float[features.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = scalings.get(i).apply(features[i]);
    }
    return values;
  }

  private static float[] rectified(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, values[i]);
    }
    return values;
  }

  /**
   * The model as an ONNX file: the inputs of {@link Order#NAMES} and the output {@code minutes},
   * each FLOAT {@code [batch]}.
   */
  public byte[] toOnnx() {
    OnnxWriter onnx = new OnnxWriter("food_delivery_eta", version, description);
    writeInputs(onnx);
    writeFeatures(onnx);
    String values = "scaled";
    for (int i = 0; i < layers.size(); i++) {
      values = writeLayer(onnx, i + 1, layers.get(i), values);
    }
    return onnx.node("Squeeze", List.of(values, "axis_1"), "minutes")
        .output("minutes", "expected time from the order to the door, in minutes")
        .metadata("task", "regression")
        .toByteArray();
  }

  private static void writeInputs(OnnxWriter onnx) {
    onnx.input("orders_ahead", "orders before it in the restaurant's queue")
        .input("outstanding_orders", "orders not yet delivered in the whole area")
        .input("courier_load", "outstanding orders per courier on duty")
        .input("distance_km", "from the restaurant to the customer, in kilometres")
        .input("hour_of_day", "local time, in hours since midnight, from 0 to below 24");
  }

  private void writeFeatures(OnnxWriter onnx) {
    onnx.int64s("axis_1", 1)
        .floats("radians_per_hour", List.of(), Features.RADIANS_PER_HOUR)
        .floats("feature_means", List.of(Features.COUNT), column(false))
        .floats("feature_deviations", List.of(Features.COUNT), column(true))
        .node("Mul", List.of("hour_of_day", "radians_per_hour"), "hour_angle")
        .node("Sin", List.of("hour_angle"), "hour_sine")
        .node("Cos", List.of("hour_angle"), "hour_cosine");
    List<String> columns = new ArrayList<>();
    for (String feature : featureNames()) {
      onnx.node("Unsqueeze", List.of(feature, "axis_1"), feature + "_column");
      columns.add(feature + "_column");
    }
    onnx.node("Concat", columns, "features", Map.of("axis", 1L))
        .node("Sub", List.of("features", "feature_means"), "centred")
        .node("Div", List.of("centred", "feature_deviations"), "scaled");
  }

  private static List<String> featureNames() {
    List<String> names = new ArrayList<>(Order.NAMES);
    names.remove("hour_of_day");
    names.addAll(List.of("hour_sine", "hour_cosine"));
    return names;
  }

  private float[] column(boolean deviations) {
    float[] values = new float[scalings.size()];
    for (int i = 0; i < values.length; i++) {
      Scaling scaling = scalings.get(i);
      values[i] = deviations ? scaling.deviation() : scaling.mean();
    }
    return values;
  }

  private static String writeLayer(OnnxWriter onnx, int number, DenseLayer layer, String values) {
    String name = "layer_" + number;
    onnx.floats(name + "_weights", List.of(layer.inputs(), layer.outputs()), layer.weights())
        .floats(name + "_biases", List.of(layer.outputs()), layer.biases())
        .node("Gemm", List.of(values, name + "_weights", name + "_biases"), name + "_sums")
        .node("Relu", List.of(name + "_sums"), name);
    return name;
  }
}
