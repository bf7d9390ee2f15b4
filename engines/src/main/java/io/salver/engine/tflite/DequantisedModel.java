package io.salver.engine.tflite;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.engine.PerSignature;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model whose quantised inputs and outputs are shown as the FLOAT32 numbers that they stand for.
 * Numbers that no integer stands for become the nearest that one does.
 */
final class DequantisedModel implements LoadedModel {
  private static final int MAX_OTHER_PLANS = 64;

  private final LoadedModel model;
  private final Map<String, Plan> plans = new LinkedHashMap<>();
  private final Map<String, Signature> signatures = new LinkedHashMap<>();
  private final PerSignature<Plan> otherPlans = new PerSignature<>(MAX_OTHER_PLANS, this::plan);

  /** How the integers of one of the model's tensors, of that type, stand for numbers. */
  private record Quantised(DType dtype, Quantisation by) {}

  /**
   * How a signature is called.
   *
   * @param own the same with the model's types
   * @param inputs null where an input passes as it is
   * @param outputs null where an output passes as it is
   */
  private record Plan(
      Signature shown,
      Signature own,
      List<Optional<Quantised>> inputs,
      List<Optional<Quantised>> outputs) {
    boolean convertsNothing() {
      return inputs.stream().allMatch(Optional::isEmpty)
          && outputs.stream().allMatch(Optional::isEmpty);
    }
  }

  /**
   * Wraps {@code model}, and closes it when it is closed itself.
   *
   * @param ports how its tensors are quantised
   * @param calls its signatures
   */
  DequantisedModel(LoadedModel model, ModelPorts ports, Map<String, Call> calls) {
    this.model = model;
    calls.forEach((name, call) -> {
      Plan plan = plan(call.signature(), ports.inputs(call), ports.outputs(call));
      plans.put(name, plan);
      signatures.put(name, plan.shown());
    });
  }

  private static Plan plan(
      Signature own, List<Optional<Quantisation>> inputs, List<Optional<Quantisation>> outputs) {
    List<Optional<Quantised>> in = quantised(own.inputs(), inputs);
    List<Optional<Quantised>> out = quantised(own.outputs(), outputs);
    Signature shown =
        new Signature(
            own.name(), own.methodName(), shown(own.inputs(), in), shown(own.outputs(), out));
    return new Plan(shown, own, in, out);
  }

  private static List<Optional<Quantised>> quantised(
      List<TensorSpec> specs, List<Optional<Quantisation>> by) {
    List<Optional<Quantised>> quantised = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      DType dtype = specs.get(i).dtype();
      quantised.add(by.get(i).map(q -> new Quantised(dtype, q)));
    }
    return quantised;
  }

  private static List<TensorSpec> shown(
      List<TensorSpec> specs, List<Optional<Quantised>> quantised) {
    List<TensorSpec> shown = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      TensorSpec spec = specs.get(i);
      shown.add(quantised.get(i).isPresent() ? with(spec, DType.FLOAT32) : spec);
    }
    return shown;
  }

  private static TensorSpec with(TensorSpec spec, DType dtype) {
    return new TensorSpec(spec.name(), dtype, spec.shape(), spec.nativeName(), spec.optional());
  }

  /** Whether no input and no output of any signature is quantised. */
  boolean convertsNothing() {
    return plans.values().stream().allMatch(Plan::convertsNothing);
  }

  /** The plan for a signature that is made of the tensors of the model's own. */
  private Plan plan(Signature other) {
    Map<String, Quantised> inputs = new HashMap<>();
    Map<String, Quantised> outputs = new HashMap<>();
    for (Plan plan : plans.values()) {
      add(plan.own().inputs(), plan.inputs(), inputs);
      add(plan.own().outputs(), plan.outputs(), outputs);
    }
    List<Optional<Quantised>> in = find(other.inputs(), inputs);
    List<Optional<Quantised>> out = find(other.outputs(), outputs);
    Signature own =
        new Signature(
            other.name(), other.methodName(), own(other.inputs(), in), own(other.outputs(), out));
    return new Plan(other, own, in, out);
  }

  private static void add(
      List<TensorSpec> specs, List<Optional<Quantised>> quantised, Map<String, Quantised> all) {
    for (int i = 0; i < specs.size(); i++) {
      String name = specs.get(i).nativeName();
      quantised.get(i).ifPresent(q -> all.putIfAbsent(name, q));
    }
  }

  private static List<Optional<Quantised>> find(
      List<TensorSpec> specs, Map<String, Quantised> all) {
    return specs.stream().map(spec -> Optional.ofNullable(all.get(spec.nativeName()))).toList();
  }

  private static List<TensorSpec> own(List<TensorSpec> specs, List<Optional<Quantised>> quantised) {
    List<TensorSpec> own = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      TensorSpec spec = specs.get(i);
      own.add(quantised.get(i).map(q -> with(spec, q.dtype())).orElse(spec));
    }
    return own;
  }

  @Override
  public Map<String, Signature> signatures() {
    return Collections.unmodifiableMap(signatures);
  }

  @Override
  public boolean isConcurrent() {
    return model.isConcurrent();
  }

  @Override
  public void run(Batch batch) {
    Plan own = plans.get(batch.signature().name());
    Plan plan =
        own != null && own.shown() == batch.signature() ? own : otherPlans.get(batch.signature());
    @Nullable Tensor[] inputs = new Tensor[plan.inputs().size()];
    for (int i = 0; i < inputs.length; i++) {
      Tensor input = batch.input(i);
      Optional<Quantised> quantised = plan.inputs().get(i);
      inputs[i] =
          input == null || quantised.isEmpty()
              ? input
              : quantise(input, quantised.get(), batch.arena());
    }
    boolean[] wanted = new boolean[plan.outputs().size()];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = batch.wants(i);
    }
    Batch inner = new Batch(plan.own(), inputs, wanted, batch.arena(), batch.deadlineNs());
    model.run(inner);
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i]) {
        Tensor output = inner.output(i);
        Optional<Quantised> quantised = plan.outputs().get(i);
        batch.setOutput(
            i,
            quantised.isEmpty() ? output : dequantise(output, quantised.get().by(), batch.arena()));
      }
    }
  }

  private static Tensor quantise(Tensor real, Quantised to, TensorArena arena) {
    Tensor integers = arena.allocate(to.dtype(), real.shape());
    MemorySegment data = integers.data();
    Quantisation by = to.by();
    long count = real.elementCount();
    for (long i = 0; i < count; i++) {
      float value = real.getFloat(i);
      switch (to.dtype()) {
        case UINT8 -> data.set(ValueLayout.JAVA_BYTE, i, (byte) by.quantise(value, 0, 0xff));
        case INT8 ->
            data.set(
                ValueLayout.JAVA_BYTE,
                i,
                (byte) by.quantise(value, Byte.MIN_VALUE, Byte.MAX_VALUE));
        case INT16 ->
            data.set(
                ValueLayout.JAVA_SHORT_UNALIGNED,
                i * Short.BYTES,
                (short) by.quantise(value, Short.MIN_VALUE, Short.MAX_VALUE));
        default -> throw unexpected(to.dtype());
      }
    }
    return integers;
  }

  private static Tensor dequantise(Tensor integers, Quantisation by, TensorArena arena) {
    Tensor real = arena.allocate(DType.FLOAT32, integers.shape());
    MemorySegment data = integers.data();
    long count = integers.elementCount();
    for (long i = 0; i < count; i++) {
      int value =
          switch (integers.dtype()) {
            case UINT8 -> data.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            case INT8 -> data.get(ValueLayout.JAVA_BYTE, i);
            case INT16 -> data.get(ValueLayout.JAVA_SHORT_UNALIGNED, i * Short.BYTES);
            default -> throw unexpected(integers.dtype());
          };
      real.data().set(ValueLayout.JAVA_FLOAT_UNALIGNED, i * Float.BYTES, by.dequantise(value));
    }
    return real;
  }

  private static ServingException unexpected(DType dtype) {
    return new ServingException(
        Category.INTERNAL, "quantised tensor: " + dtype + " (expected: UINT8, INT8 or INT16)");
  }

  @Override
  public long memoryBytes() {
    return model.memoryBytes();
  }

  @Override
  public Optional<byte[]> metadata(String key) {
    return model.metadata(key);
  }

  @Override
  public Set<String> metadataKeys() {
    return model.metadataKeys();
  }

  @Override
  public void close() {
    model.close();
  }
}
