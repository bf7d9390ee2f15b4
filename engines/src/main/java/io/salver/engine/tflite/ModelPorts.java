package io.salver.engine.tflite;

import io.salver.engine.tflite.ModelSignatures.Names;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The subgraphs of a model that can be called, and how its signatures call them. Immutable. */
final class ModelPorts {
  /** {@code kTfLiteDynamic}: the shape is known only when the tensor has been computed. */
  private static final int ALLOCATION_DYNAMIC = 4;

  private final ModelOutline outline;
  private final List<Names> names;
  private final List<GraphPorts> graphs = new ArrayList<>();

  /**
   * The ports of a model.
   *
   * @throws BrokenModelException if a signature cannot be called
   */
  ModelPorts(ModelOutline outline) {
    this.outline = outline;
    this.names = ModelSignatures.of(outline);
    Map<Integer, Names> byGraph = new TreeMap<>();
    names.forEach(n -> byGraph.putIfAbsent(n.graph(), n));
    byGraph.forEach((index, n) -> graphs.add(ports(index, n)));
  }

  private GraphPorts ports(int index, Names n) {
    Graph graph = outline.graphs().get(index);
    List<String> inputs = byPosition(n.inputs(), graph.inputs().length);
    List<InputPort> ports = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      ports.add(new InputPort(inputs.get(i), graph.input(i)));
    }
    List<String> outputs = byPosition(n.outputs(), graph.outputs().length);
    return new GraphPorts(index, n.key(), ports, outputs, graph.workingBytes());
  }

  private static List<String> byPosition(Map<String, Integer> positions, int count) {
    List<String> byPosition = new ArrayList<>(Collections.nCopies(count, ""));
    positions.forEach((name, position) -> byPosition.set(position, name));
    return byPosition;
  }

  /** The subgraphs that can be called. */
  List<GraphPorts> graphs() {
    return graphs;
  }

  /**
   * How to call each signature, by its name.
   *
   * @param sample has planned its memory: the shapes of outputs that it knows hold for all
   * @throws BrokenModelException if a tensor is of a type that Salver has not
   */
  Map<String, Call> calls(TfliteApi api, Interpreter sample) {
    Map<String, Call> calls = new LinkedHashMap<>();
    for (Names n : names) {
      int at = positionOf(n.graph());
      Graph graph = outline.graphs().get(n.graph());
      List<TensorSpec> inputs = new ArrayList<>();
      n.inputs()
          .forEach((name, position) -> {
            GraphTensor tensor = graph.input(position);
            inputs.add(spec("input", name, tensor, tensor.declared()));
          });
      List<TensorSpec> outputs = new ArrayList<>();
      n.outputs()
          .forEach((name, position) -> {
            GraphTensor tensor = graph.output(position);
            Shape shape = outputShape(api, sample.graph(at).output(position), tensor);
            outputs.add(spec("output", name, tensor, shape));
          });
      Signature signature = new Signature(n.key(), n.methodName(), inputs, outputs);
      calls.put(n.key(), new Call(signature, at, ints(n.inputs()), ints(n.outputs())));
    }
    return calls;
  }

  /** How each input of {@code call} stands for real numbers, if it does. */
  List<Optional<Quantisation>> inputs(Call call) {
    Graph graph = outline.graphs().get(graphs.get(call.graph()).index());
    return Arrays.stream(call.inputs()).mapToObj(i -> graph.input(i).quantisation()).toList();
  }

  /** How each output of {@code call} stands for real numbers, if it does. */
  List<Optional<Quantisation>> outputs(Call call) {
    Graph graph = outline.graphs().get(graphs.get(call.graph()).index());
    return Arrays.stream(call.outputs()).mapToObj(i -> graph.output(i).quantisation()).toList();
  }

  private int positionOf(int graph) {
    int at = 0;
    while (graphs.get(at).index() != graph) {
      at++;
    }
    return at;
  }

  private static int[] ints(Map<String, Integer> positions) {
    return positions.values().stream().mapToInt(Integer::intValue).toArray();
  }

  private static Shape outputShape(TfliteApi api, long pointer, GraphTensor tensor) {
    if (tensor.saysWhatVaries()) {
      return tensor.declared();
    }
    return api.allocation(pointer) == ALLOCATION_DYNAMIC
        ? Shape.UNKNOWN_RANK
        : GraphRun.shape(api, pointer);
  }

  private static TensorSpec spec(String kind, String name, GraphTensor tensor, Shape shape) {
    @Nullable DType dtype = tensor.type().dtype();
    if (dtype == null) {
      throw BrokenModelException.of(
          "%s \"%s\": type %s (expected: one of numbers, booleans or strings)"
              .formatted(kind, name, tensor.type()));
    }
    return new TensorSpec(name, dtype, shape, tensor.name(), false);
  }

  /**
   * How to call a signature that is made of the tensors of one of the model's own.
   *
   * @throws ServingException if it is not
   */
  static Call prepare(Signature signature, Map<String, Call> own) {
    for (Call call : own.values()) {
      Signature whole = call.signature();
      int[] inputs = positions(signature.inputs(), whole.inputs(), call.inputs());
      int[] outputs = positions(signature.outputs(), whole.outputs(), call.outputs());
      if (inputs.length == call.inputs().length && outputs.length == signature.outputs().size()) {
        return new Call(signature, call.graph(), inputs, outputs);
      }
    }
    throw new ServingException(
        Category.UNIMPLEMENTED,
        "signature: %s (expected: the inputs and outputs of one of %s)"
            .formatted(signature, own.keySet()));
  }

  /** For those tensors that are in {@code whole}, where they lie in the subgraph. */
  private static int[] positions(
      List<TensorSpec> part, List<TensorSpec> whole, int[] wholePositions) {
    return part.stream()
        .mapToInt(spec -> {
          for (int i = 0; i < whole.size(); i++) {
            if (whole.get(i).nativeName().equals(spec.nativeName())
                && whole.get(i).dtype() == spec.dtype()) {
              return wholePositions[i];
            }
          }
          return -1;
        })
        .filter(position -> position >= 0)
        .toArray();
  }
}
