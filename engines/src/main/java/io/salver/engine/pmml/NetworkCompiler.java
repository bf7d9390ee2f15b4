package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compiles a {@code NeuralNetwork}. */
final class NetworkCompiler {
  private final ModelContext context;
  private final Element model;

  /** By neuron: its place among all of them. */
  private final Map<String, Integer> places = new HashMap<>();

  private NetworkCompiler(ModelContext context) {
    this.context = context;
    this.model = context.element();
  }

  /** The scorer of a {@code NeuralNetwork}. */
  static Scored compile(ModelContext context) throws ModelLoadException {
    return new NetworkCompiler(context).compile();
  }

  private Scored compile() throws ModelLoadException {
    context.checkFunction();
    model.checkChildren(
        "MiningSchema",
        "Output",
        "Targets",
        "LocalTransformations",
        "NeuralInputs",
        "NeuralLayer",
        "NeuralOutputs");
    List<Expression> inputs = new ArrayList<>();
    for (Element input : model.child("NeuralInputs").children("NeuralInput")) {
      Element field = input.child("DerivedField");
      inputs.add(
          Casts.cast(
              Expressions.inside(field, context.scope()), DataType.DOUBLE, field, context.build()));
      place(input);
    }
    List<Network.Layer> layers = new ArrayList<>();
    for (Element layer : model.children("NeuralLayer")) {
      layers.add(layer(layer));
    }
    List<Element> outputs = model.child("NeuralOutputs").children("NeuralOutput");
    int[] from = new int[outputs.size()];
    for (int i = 0; i < from.length; i++) {
      from[i] = place(outputs.get(i), "outputNeuron");
    }
    int neurons = context.build().newResults(places.size());
    Expression[] values = inputs.toArray(Expression[]::new);
    Network network = new Network(values, layers.toArray(Network.Layer[]::new), neurons);
    return context.isClassification()
        ? classification(network, outputs, from, neurons)
        : regression(network, outputs, from, neurons);
  }

  private void place(Element neuron) throws ModelLoadException {
    if (places.putIfAbsent(neuron.get("id"), places.size()) != null) {
      throw neuron.wrong("id: \"" + neuron.get("id") + "\" (expected: one that is not taken)");
    }
  }

  private int place(Element where, String attribute) throws ModelLoadException {
    Integer place = places.get(where.get(attribute));
    if (place == null) {
      throw where.wrong(
          attribute + ": \"" + where.get(attribute) + "\" (expected: a neuron that comes before)");
    }
    return place;
  }

  private Network.Layer layer(Element layer) throws ModelLoadException {
    layer.checkChildren("Neuron");
    List<Element> neurons = layer.children("Neuron");
    int[][] sources = new int[neurons.size()][];
    double[][] weights = new double[sources.length][];
    double[] biases = new double[sources.length];
    for (int i = 0; i < sources.length; i++) {
      Element neuron = neurons.get(i);
      neuron.checkChildren("Con");
      List<Element> connections = neuron.children("Con");
      biases[i] = neuron.number("bias", 0);
      sources[i] = new int[connections.size()];
      weights[i] = new double[sources[i].length];
      for (int j = 0; j < sources[i].length; j++) {
        sources[i][j] = place(connections.get(j), "from");
        weights[i][j] = connections.get(j).number("weight");
      }
    }
    int first = places.size();
    for (Element neuron : neurons) {
      place(neuron);
    }
    Element activated = layer.has("activationFunction") ? layer : model;
    Element normalized = layer.has("normalizationMethod") ? layer : model;
    return new Network.Layer(
        first,
        sources,
        weights,
        biases,
        activation(activated),
        layer.number("threshold", model.number("threshold", 0)),
        normalized.choice("normalizationMethod", "none", "simplemax", "softmax"));
  }

  private static Network.Activation activation(Element element) throws ModelLoadException {
    String name = element.get("activationFunction");
    return switch (name) {
      case "threshold" -> Network.Activation.THRESHOLD;
      case "logistic" -> Network.Activation.LOGISTIC;
      case "tanh" -> Network.Activation.TANH;
      case "identity" -> Network.Activation.IDENTITY;
      case "exponential" -> Network.Activation.EXPONENTIAL;
      case "reciprocal" -> Network.Activation.RECIPROCAL;
      case "square" -> Network.Activation.SQUARE;
      case "Gauss" -> Network.Activation.GAUSS;
      case "sine" -> Network.Activation.SINE;
      case "cosine" -> Network.Activation.COSINE;
      case "Elliott" -> Network.Activation.ELLIOTT;
      case "arctan" -> Network.Activation.ARCTAN;
      case "rectifier" -> Network.Activation.RECTIFIER;
      default ->
          throw element.wrong(
              "activationFunction: \""
                  + name
                  + "\" (expected: an activation function of PMML but radialBasis)");
    };
  }

  private Scored regression(Network network, List<Element> outputs, int[] from, int neurons)
      throws ModelLoadException {
    if (outputs.size() != 1) {
      throw model.wrong(outputs.size() + " <NeuralOutput> (expected for regression: 1)");
    }
    LinearPieces inverse = null;
    Element field = outputs.get(0).child("DerivedField");
    for (Element child : field.children()) {
      if (child.is("NormContinuous")) {
        inverse = Expressions.inversePieces(child);
      } else if (!child.is("FieldRef")) {
        throw child.wrong("is not supported (expected: FieldRef or NormContinuous)");
      }
    }
    Result result = context.number();
    int at = neurons + from[0];
    LinearPieces denormalized = inverse;
    Scorer scorer =
        row -> {
          result.clear(row);
          network.run(row);
          double answer = row.results[at];
          row.results[result.value()] = denormalized == null ? answer : denormalized.value(answer);
        };
    return context.scored(scorer, result);
  }

  private Scored classification(Network network, List<Element> outputs, int[] from, int neurons)
      throws ModelLoadException {
    Set<Double> categories = new LinkedHashSet<>();
    for (Element output : outputs) {
      Element norm = output.child("DerivedField").child("NormDiscrete");
      if (!categories.add(context.category(norm, norm.get("value")))) {
        throw norm.wrong(
            "value: \"" + norm.get("value") + "\" (expected: one that no other output has)");
      }
    }
    Result result = context.oneOf(categories);
    Scorer scorer =
        row -> {
          result.clear(row);
          network.run(row);
          for (int i = 0; i < from.length; i++) {
            row.results[result.probabilities() + i] = row.results[neurons + from[i]];
          }
          if (Probabilities.areKnown(row.results, result.probabilities(), from.length)) {
            result.pickCategory(row);
          }
        };
    return context.scored(scorer, result);
  }
}
