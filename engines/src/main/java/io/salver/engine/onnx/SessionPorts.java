package io.salver.engine.onnx;

import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import io.salver.tensor.NativeMemory;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A session's inputs and outputs, with their names as C strings, and the signature that they make.
 * Immutable until it is closed; owned by the model.
 *
 * <p>An output that is a map, or a sequence of them, becomes two tensors: its values under its own
 * name, and its labels under that name with {@code _labels} after it.
 */
final class SessionPorts implements AutoCloseable {
  private static final String METHOD_NAME = "tensorflow/serving/predict";
  private static final String LABELS_SUFFIX = "_labels";

  private final MemorySegment names;
  private final List<Port> inputs;
  private final List<Port> outputs;
  private final Map<String, Port> inputsByName = new HashMap<>();
  private final Map<String, RunPlan.Source> sources = new HashMap<>();
  private final Signature signature;

  private SessionPorts(MemorySegment names, List<Port> inputs, List<Port> outputs) {
    this.names = names;
    this.inputs = inputs;
    this.outputs = outputs;
    inputs.forEach(port -> inputsByName.put(port.name(), port));
    for (int i = 0; i < outputs.size(); i++) {
      sources.put(outputs.get(i).name(), new RunPlan.Source(i, false));
    }
    this.signature =
        new Signature(
            Signature.DEFAULT_NAME, METHOD_NAME, inputSpecs(inputs), outputSpecs(outputs));
  }

  /** Reads them from a session. */
  static SessionPorts read(SessionReader reader) throws ModelLoadException {
    List<String> inputs = reader.names(true);
    List<String> outputs = reader.names(false);
    List<OnnxType> types = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      types.add(reader.type(true, i, inputs.get(i)));
    }
    for (int i = 0; i < outputs.size(); i++) {
      types.add(reader.type(false, i, outputs.get(i)));
    }
    List<String> all = new ArrayList<>(inputs);
    all.addAll(outputs);
    return ofNames(all, types, inputs.size());
  }

  private static SessionPorts ofNames(List<String> all, List<OnnxType> types, int inputCount) {
    List<byte[]> encoded = all.stream().map(n -> n.getBytes(StandardCharsets.UTF_8)).toList();
    MemorySegment names =
        NativeMemory.allocate(encoded.stream().mapToLong(n -> n.length + 1L).sum());
    List<Port> ports = new ArrayList<>();
    long offset = 0;
    for (int i = 0; i < all.size(); i++) {
      byte[] name = encoded.get(i);
      ports.add(new Port(all.get(i), names.address() + offset, types.get(i)));
      MemorySegment.copy(name, 0, names, ValueLayout.JAVA_BYTE, offset, name.length);
      offset += name.length;
      names.set(ValueLayout.JAVA_BYTE, offset++, (byte) 0);
    }
    return new SessionPorts(
        names,
        List.copyOf(ports.subList(0, inputCount)),
        List.copyOf(ports.subList(inputCount, ports.size())));
  }

  private static List<TensorSpec> inputSpecs(List<Port> inputs) {
    List<TensorSpec> specs = new ArrayList<>();
    for (Port port : inputs) {
      if (port.type() instanceof OnnxType.OfTensor tensor) {
        specs.add(TensorSpec.of(port.name(), tensor.dtype(), tensor.shape()));
      }
    }
    return specs;
  }

  private List<TensorSpec> outputSpecs(List<Port> outputs) {
    List<TensorSpec> specs = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      String name = outputs.get(i).name();
      switch (outputs.get(i).type()) {
        case OnnxType.OfTensor t -> specs.add(TensorSpec.of(name, t.dtype(), t.shape()));
        case OnnxType.OfTensorSequence s ->
            specs.add(TensorSpec.of(name, s.dtype(), stacked(s.elementShape())));
        case OnnxType.OfMap map -> {
          Shape shape = map.sequence() ? Shape.of(-1, -1) : Shape.of(-1);
          specs.add(TensorSpec.of(name, map.values(), shape));
          specs.add(labels(name, map.keys(), i));
        }
      }
    }
    return specs;
  }

  private static Shape stacked(Shape element) {
    if (!element.isRankKnown()) {
      return Shape.UNKNOWN_RANK;
    }
    long[] dims = new long[element.rank() + 1];
    dims[0] = -1;
    System.arraycopy(element.dims(), 0, dims, 1, element.rank());
    return Shape.of(dims);
  }

  private TensorSpec labels(String output, DType keys, int port) {
    String name = output + LABELS_SUFFIX;
    while (sources.containsKey(name)) {
      name += LABELS_SUFFIX;
    }
    sources.put(name, new RunPlan.Source(port, true));
    return TensorSpec.of(name, keys, Shape.of(-1));
  }

  /** The one signature of the model. */
  Signature signature() {
    return signature;
  }

  List<Port> inputs() {
    return inputs;
  }

  List<Port> outputs() {
    return outputs;
  }

  /** The input of that name. */
  Port input(String name) {
    Port port = inputsByName.get(name);
    if (port == null) {
      throw new IllegalArgumentException(
          "input: \"" + name + "\" (expected: one of " + inputsByName.keySet() + ")");
    }
    return port;
  }

  /** Where the signature's output of that name comes from. */
  RunPlan.Source output(String name) {
    RunPlan.Source source = sources.get(name);
    if (source == null) {
      throw new IllegalArgumentException(
          "output: \"" + name + "\" (expected: one of " + sources.keySet() + ")");
    }
    return source;
  }

  /** Frees the names. */
  @Override
  public void close() {
    NativeMemory.free(names);
  }
}
