package io.salver.examples.eta;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.examples.onnx.OnnxGraphs;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class EtaModelTest {
  private static final List<Scaling> UNSCALED = Collections.nCopies(6, new Scaling(0, 1));

  private static EtaModel linear(float bias, float... weights) {
    DenseLayer layer = new DenseLayer(6, 1, weights, new float[] {bias});
    return new EtaModel(1, "linear", UNSCALED, List.of(layer));
  }

  @Test
  void featuresAreInTheOrderOfTheInputsThenTheHoursSineAndCosine() {
    float[] features = Features.of(new Order(1, 2, 3, 4, 6));
    assertThat(features).hasSize(Features.COUNT).startsWith(1, 2, 3, 4, 1);
    assertThat(features[5]).isBetween(-1e-6f, 1e-6f);
  }

  @Test
  void midnightIsNextToTheLastMinuteOfTheDay() {
    EtaModel model = linear(10, 0, 0, 0, 0, 3, 3);
    float midnight = model.minutes(new Order(0, 0, 0, 1, 0));
    float before = model.minutes(new Order(0, 0, 0, 1, 23.99f));
    assertThat(Math.abs(midnight - before)).isLessThan(0.02f);
  }

  @Test
  void minutesAreNeverNegative() {
    assertThat(linear(-5, 0, 0, 0, 1, 0, 0).minutes(new Order(0, 0, 0, 2, 12))).isZero();
  }

  @Test
  void graphDoesWhatTheJavaModelDoes() {
    OnnxGraphs.Model graph = OnnxGraphs.read(linear(1, 1, 2, 3, 4, 5, 6).toOnnx());
    assertThat(graph.inputs())
        .containsExactlyElementsOf(
            Order.NAMES.stream().map(name -> name + ": type 1 [batch]").toList());
    assertThat(graph.outputs()).containsExactly("minutes: type 1 [batch]");
    assertThat(graph.nodes())
        .containsExactly(
            "Mul(hour_of_day, radians_per_hour) -> hour_angle",
            "Sin(hour_angle) -> hour_sine",
            "Cos(hour_angle) -> hour_cosine",
            "Unsqueeze(orders_ahead, axis_1) -> orders_ahead_column",
            "Unsqueeze(outstanding_orders, axis_1) -> outstanding_orders_column",
            "Unsqueeze(courier_load, axis_1) -> courier_load_column",
            "Unsqueeze(distance_km, axis_1) -> distance_km_column",
            "Unsqueeze(hour_sine, axis_1) -> hour_sine_column",
            "Unsqueeze(hour_cosine, axis_1) -> hour_cosine_column",
            "Concat{axis=1 type 2}(orders_ahead_column, outstanding_orders_column,"
                + " courier_load_column, distance_km_column, hour_sine_column,"
                + " hour_cosine_column) -> features",
            "Sub(features, feature_means) -> centred",
            "Div(centred, feature_deviations) -> scaled",
            "Gemm(scaled, layer_1_weights, layer_1_biases) -> layer_1_sums",
            "Relu(layer_1_sums) -> layer_1",
            "Squeeze(layer_1, axis_1) -> minutes");
    assertThat(graph.initialisers()).contains("layer_1_weights: type 1 [6, 1] 24 bytes");
  }

  @Test
  void scalingIsTheMeanAndTheDeviation() {
    double[] values = {2, 4, 4, 4, 5, 5, 7, 9};
    Scaling scaling = Scaling.of(values.length, i -> values[i]);
    assertThat(scaling).isEqualTo(new Scaling(5, 2));
    assertThat(scaling.apply(9)).isEqualTo(2);
  }

  @Test
  void errorsAreRootMeanSquareAndMeanAbsolute() {
    Order order = EtaVersions.EXAMPLE;
    List<Delivery> deliveries = List.of(new Delivery(order, 10), new Delivery(order, 24));
    assertThat(Errors.of(deliveries, any -> 17)).isEqualTo(new Errors(7, 7));
    assertThat(Errors.of(deliveries, any -> 10)).isEqualTo(new Errors(Math.sqrt(98), 7));
  }
}
