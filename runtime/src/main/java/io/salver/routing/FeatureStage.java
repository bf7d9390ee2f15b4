package io.salver.routing;

import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import java.util.List;

/** Chooses a route by what is in the request: its features, or an input by which it is sticky. */
final class FeatureStage implements RouteStage {
  /** Chooses when the request has been read. */
  interface Choice {
    /**
     * Tells {@code lease} what is chosen.
     *
     * @throws ServingException INVALID_ARGUMENT if the request lacks what it is chosen by
     */
    void choose(PredictRequest request, EndpointLease lease);
  }

  private final Choice choice;
  private final RouteStage next;

  /** A stage that chooses and then has {@code next} answer. */
  FeatureStage(Choice choice, RouteStage next) {
    this.choice = choice;
    this.next = next;
  }

  @Override
  public void run(PredictRequest request, EndpointLease lease, Reply reply) {
    try {
      choice.choose(request, lease);
    } catch (RuntimeException e) {
      reply.failed(request, Legs.failure(e));
      return;
    }
    next.run(request, lease, reply);
  }

  /** The first element of each of the inputs {@code names}, as numbers. */
  static double[] features(PredictRequest request, List<String> names) {
    double[] features = new double[names.size()];
    for (int i = 0; i < features.length; i++) {
      Tensor input = input(request, names.get(i));
      features[i] = number(input, names.get(i));
    }
    return features;
  }

  private static double number(Tensor input, String name) {
    double value;
    try {
      value =
          Floats.isFloat(input.dtype())
              ? Floats.get(input, 0)
              : Double.parseDouble(Labels.discrete(input, 0));
    } catch (NumberFormatException e) {
      throw ServingException.invalid(
          "feature " + name + ": " + input.dtype() + " (expected: a number)");
    }
    if (!Double.isFinite(value)) {
      throw ServingException.invalid("feature " + name + ": " + value + " (expected: finite)");
    }
    return value;
  }

  /** The text by which a request is sticky: the first element of the input {@code name}. */
  static String key(PredictRequest request, String name) {
    Tensor input = input(request, name);
    return Floats.isFloat(input.dtype())
        ? Double.toString(Floats.get(input, 0))
        : Labels.discrete(input, 0);
  }

  private static Tensor input(PredictRequest request, String name) {
    Signature signature = request.signature();
    int at = signature.inputIndex(name);
    Tensor input = at < 0 ? null : request.inputs()[at];
    if (input == null || input.elementCount() == 0) {
      throw ServingException.invalid(
          "input "
              + name
              + ": absent or empty (expected: a value, which the endpoint chooses the model by)");
    }
    return input;
  }
}
