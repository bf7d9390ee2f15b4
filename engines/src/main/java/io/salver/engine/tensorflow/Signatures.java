package io.salver.engine.tensorflow;

import io.salver.engine.tensorflow.Session.GraphTensor;
import io.salver.engine.tensorflow.SignatureDef.Encoding;
import io.salver.engine.tensorflow.SignatureDef.TensorInfo;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The ways to call a model: what its file says, held against its graph.
 *
 * <p>The type of a tensor is the graph's, which is what TensorFlow wants to be fed: old exports say
 * FLOAT of an input that takes serialised examples. A signature with a tensor that Salver cannot
 * carry, or that the graph does not have, is left out, and {@link #refused} says why. A signature
 * with a sparse or composite tensor is there, and is refused when it is called.
 *
 * <p>Immutable after it was built; owns the default values of inputs.
 */
final class Signatures implements AutoCloseable {
  private final Session session;
  private final Map<String, Sharing> sharing;
  private final Map<String, String> refused;
  private final Map<String, Signature> byName = new LinkedHashMap<>();
  private final Map<Signature, Call> calls = new HashMap<>();

  /** Tensors to feed for inputs that are left out, by the input's name in the graph. */
  private final Map<String, Long> defaults = new HashMap<>();

  private Signatures(Session session, Map<String, Sharing> sharing, Map<String, String> refused) {
    this.session = session;
    this.sharing = sharing;
    this.refused = new TreeMap<>(refused);
  }

  static Signatures of(Session session, ServedGraph served) {
    Map<String, Sharing> sharing = new HashMap<>();
    served.typesBehind().forEach((name, types) -> sharing.put(name, Sharing.of(types)));
    Signatures signatures = new Signatures(session, sharing, served.refused());
    served.signatures().forEach(signatures::add);
    return signatures;
  }

  private void add(String name, SignatureDef def) {
    try {
      List<TensorSpec> inputs = specs("input", def.inputs(), def.defaults());
      List<TensorSpec> outputs = specs("output", def.outputs(), Map.of());
      addDefaults(inputs, def.defaults());
      Signature signature = new Signature(name, def.methodName(), inputs, outputs);
      if (isDense(signature)) {
        calls.put(signature, prepare(signature));
      }
      byName.put(name, signature);
    } catch (ServingException e) {
      refused.put(name, e.getMessage());
    }
  }

  private List<TensorSpec> specs(
      String kind, Map<String, TensorInfo> infos, Map<String, byte[]> defaults) {
    List<TensorSpec> specs = new ArrayList<>();
    infos.forEach((name, info) ->
        specs.add(
            new TensorSpec(
                name,
                dtype(kind, name, info),
                info.shape(),
                info.tensorName(),
                defaults.containsKey(name))));
    return specs;
  }

  private DType dtype(String kind, String name, TensorInfo info) {
    int type =
        info.encoding() == Encoding.DENSE
            ? session.find(info.tensorName()).map(GraphTensor::type).orElse(info.type())
            : info.type();
    Optional<DType> dtype = TensorFlowTypes.dtype(type);
    if (dtype.isEmpty()) {
      throw unsupported(
          kind
              + ": \""
              + name
              + "\" is of the type "
              + TensorFlowTypes.describe(type)
              + " (expected: one of numbers, booleans or strings)");
    }
    return dtype.get();
  }

  private void addDefaults(List<TensorSpec> inputs, Map<String, byte[]> protos) {
    for (TensorSpec input : inputs) {
      byte[] proto = protos.get(input.name());
      if (proto != null) {
        long tensor = TensorProtos.read(proto);
        Long replaced = defaults.put(input.nativeName(), tensor);
        if (replaced != null) {
          CApi.deleteTensor(replaced);
        }
      }
    }
  }

  private static boolean isDense(Signature signature) {
    return signature.inputs().stream().noneMatch(t -> t.nativeName().isEmpty())
        && signature.outputs().stream().noneMatch(t -> t.nativeName().isEmpty());
  }

  /** The signatures that can be named in requests; perhaps none. */
  Map<String, Signature> byName() {
    return Collections.unmodifiableMap(byName);
  }

  /** Why signatures of the file are not in {@link #byName}. */
  Map<String, String> refused() {
    return Collections.unmodifiableMap(refused);
  }

  /** A call of one of the model's own signatures; null for others and for those not dense. */
  @Nullable Call call(Signature signature) {
    return calls.get(signature);
  }

  /**
   * A call of a signature made of the model's tensors.
   *
   * @throws ServingException if a tensor is not of the graph, or not dense
   */
  Call prepare(Signature signature) {
    List<Call.Feed> feeds = new ArrayList<>();
    for (TensorSpec input : signature.inputs()) {
      GraphTensor tensor = find("input", input);
      feeds.add(
          new Call.Feed(
              input.name(),
              tensor.operation(),
              tensor.index(),
              input.dtype(),
              TensorFlowTypes.number(input.dtype()),
              input.optional() ? defaults.getOrDefault(input.nativeName(), 0L) : 0));
    }
    List<Call.Fetch> fetches = new ArrayList<>();
    Sharing shared = Sharing.ALL;
    for (TensorSpec output : signature.outputs()) {
      GraphTensor tensor = find("output", output);
      fetches.add(new Call.Fetch(tensor.operation(), tensor.index(), output.dtype()));
      shared = shared.and(sharing.getOrDefault(output.nativeName(), Sharing.NOTHING));
    }
    return new Call(feeds, fetches, shared);
  }

  private GraphTensor find(String kind, TensorSpec spec) {
    if (spec.nativeName().isEmpty()) {
      throw unsupported(
          kind + ": \"" + spec.name() + "\" is a sparse or composite tensor (expected: dense)");
    }
    GraphTensor tensor =
        session
            .find(spec.nativeName())
            .orElseThrow(() ->
                unsupported(
                    kind
                        + ": \""
                        + spec.name()
                        + "\" is \""
                        + spec.nativeName()
                        + "\" (expected: a tensor of the graph)"));
    if (TensorFlowTypes.dtype(tensor.type()).filter(spec.dtype()::equals).isEmpty()) {
      throw unsupported(kind + ": \"" + spec.name() + "\" is not of the graph's type");
    }
    return tensor;
  }

  private static ServingException unsupported(String message) {
    return new ServingException(Category.UNIMPLEMENTED, message);
  }

  @Override
  public void close() {
    defaults.values().forEach(CApi::deleteTensor);
    defaults.clear();
  }
}
