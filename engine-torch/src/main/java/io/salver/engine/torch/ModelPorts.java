package io.salver.engine.torch;

import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a model's inputs and outputs are called, and where each belongs.
 *
 * <p>An archive knows the names and kinds of {@code forward}'s arguments, but neither types nor
 * shapes of tensors. These come, in this order, from the {@code config.pbtxt} beside the versions
 * (where an input is called as its argument, or by the number after a double underscore, as {@code
 * INPUT__0}, and an output by such a number, its place, or its key); from the inputs that the model
 * was traced with; or else a tensor is taken to be of FLOAT32 and any shape.
 *
 * @param signature the model's only one
 * @param arguments for each input, the argument that it is
 * @param outputs for each output, where it is found in what a run returns
 */
record ModelPorts(Signature signature, List<Integer> arguments, List<Place> outputs) {

  /**
   * Where an output is.
   *
   * @param key its key, if the model returns a dictionary
   * @param position its number among all values that are returned
   */
  record Place(Optional<String> key, int position) {}

  /**
   * Works it out.
   *
   * @throws ModelLoadException if the configuration does not fit the model, or what it returns is
   *     not known
   */
  static ModelPorts of(
      ForwardSchema schema, Optional<ModelConfig> config, Optional<Example> example)
      throws ModelLoadException {
    Map<Integer, ModelConfig.Declared> declared =
        config.isPresent() ? inputs(schema, config.get()) : Map.of();
    List<TensorSpec> inputs = new ArrayList<>();
    List<Integer> arguments = new ArrayList<>();
    for (int i = 0; i < schema.arguments().size(); i++) {
      if (schema.arguments().get(i).kind() != ForwardSchema.Kind.OTHER) {
        inputs.add(input(i, schema, Optional.ofNullable(declared.get(i)), example));
        arguments.add(i);
      }
    }
    List<TensorSpec> outputs = new ArrayList<>();
    List<Place> places = new ArrayList<>();
    if (config.isPresent() && !config.get().outputs().isEmpty()) {
      addDeclared(schema, config.get().outputs(), outputs, places);
    } else {
      addFound(schema, example, outputs, places);
    }
    requireDistinct("input", inputs);
    requireDistinct("output", outputs);
    Signature signature = new Signature(Signature.DEFAULT_NAME, "", inputs, outputs);
    return new ModelPorts(signature, List.copyOf(arguments), List.copyOf(places));
  }

  /** Which argument each declared input is. */
  private static Map<Integer, ModelConfig.Declared> inputs(ForwardSchema schema, ModelConfig config)
      throws ModelLoadException {
    List<String> names = schema.arguments().stream().map(ForwardSchema.Argument::name).toList();
    boolean inOrder =
        config.inputs().size() == names.size()
            && config.inputs().stream()
                .allMatch(input -> !names.contains(input.name()) && input.position() < 0);
    Map<Integer, ModelConfig.Declared> found = new HashMap<>();
    for (int i = 0; i < config.inputs().size(); i++) {
      ModelConfig.Declared input = config.inputs().get(i);
      int named = names.indexOf(input.name());
      int argument = inOrder ? i : named >= 0 ? named : input.position();
      if (argument < 0 || argument >= names.size() || found.put(argument, input) != null) {
        throw new ModelLoadException(
            "config.pbtxt: input \""
                + input.name()
                + "\" (expected: one of forward's arguments "
                + names
                + ", or a name that ends in __ and the number of one, each once)");
      }
    }
    return found;
  }

  private static TensorSpec input(
      int i,
      ForwardSchema schema,
      Optional<ModelConfig.Declared> declared,
      Optional<Example> example) {
    ForwardSchema.Argument argument = schema.arguments().get(i);
    boolean optional = argument.otherwise().isPresent();
    if (declared.isPresent()) {
      ModelConfig.Declared input = declared.get();
      return new TensorSpec(input.name(), input.dtype(), input.shape(), argument.name(), optional);
    }
    Optional<Example.Typed> traced =
        example.filter(e -> i < e.inputs().size()).map(e -> e.inputs().get(i));
    DType dtype =
        switch (argument.kind()) {
          case TENSOR, OTHER -> traced.flatMap(Example.Typed::dtype).orElse(DType.FLOAT32);
          case INT -> DType.INT64;
          case FLOAT -> DType.FLOAT64;
          case BOOL -> DType.BOOL;
        };
    Shape shape =
        argument.kind() == ForwardSchema.Kind.TENSOR
            ? traced.map(Example.Typed::anyRows).orElse(Shape.UNKNOWN_RANK)
            : Shape.SCALAR;
    return new TensorSpec(argument.name(), dtype, shape, argument.name(), optional);
  }

  private static void addDeclared(
      ForwardSchema schema,
      List<ModelConfig.Declared> declared,
      List<TensorSpec> specs,
      List<Place> places)
      throws ModelLoadException {
    int count = schema.leaves().map(List::size).orElse(Integer.MAX_VALUE);
    for (int i = 0; i < declared.size(); i++) {
      ModelConfig.Declared output = declared.get(i);
      int position = output.position() >= 0 ? output.position() : i;
      if (position >= count) {
        throw new ModelLoadException(
            "config.pbtxt: output \""
                + output.name()
                + "\" as number "
                + position
                + " (expected: below "
                + count
                + ", as many as forward returns)");
      }
      specs.add(TensorSpec.of(output.name(), output.dtype(), output.shape()));
      places.add(
          new Place(schema.keyed() ? Optional.of(output.name()) : Optional.empty(), position));
    }
  }

  private static void addFound(
      ForwardSchema schema, Optional<Example> example, List<TensorSpec> specs, List<Place> places)
      throws ModelLoadException {
    if (schema.leaves().isEmpty() && example.isEmpty()) {
      throw new ModelLoadException(
          "forward: returns a list, a dictionary or a value of no declared type (expected: also a"
              + " config.pbtxt beside the versions that declares the outputs)");
    }
    int count =
        example.map(e -> e.outputs().size()).orElseGet(() -> schema.leaves().orElseThrow().size());
    for (int i = 0; i < count; i++) {
      int position = i;
      Optional<Example.Typed> traced = example.map(e -> e.outputs().get(position));
      Optional<ForwardSchema.Leaf> leaf =
          schema.leaves().filter(l -> position < l.size()).map(l -> l.get(position));
      Optional<DType> scalar = leaf.flatMap(ForwardSchema.Leaf::scalar);
      Optional<String> key = traced.flatMap(Example.Typed::key);
      String name = key.or(() -> leaf.flatMap(ForwardSchema.Leaf::name)).orElse("OUTPUT__" + i);
      DType dtype = traced.flatMap(Example.Typed::dtype).or(() -> scalar).orElse(DType.FLOAT32);
      Shape unknown = scalar.isPresent() ? Shape.SCALAR : Shape.UNKNOWN_RANK;
      specs.add(TensorSpec.of(name, dtype, traced.map(Example.Typed::anyRows).orElse(unknown)));
      places.add(new Place(key, i));
    }
  }

  private static void requireDistinct(String kind, List<TensorSpec> specs)
      throws ModelLoadException {
    Set<String> names = new HashSet<>();
    for (TensorSpec spec : specs) {
      if (!names.add(spec.name())) {
        throw new ModelLoadException(kind + ": \"" + spec.name() + "\" twice (expected: once)");
      }
    }
  }
}
