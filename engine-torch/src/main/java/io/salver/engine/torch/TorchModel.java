package io.salver.engine.torch;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.JitModule;

/** A module whose {@code forward} is run. */
final class TorchModel implements LoadedModel {
  private final JitModule module;
  private final ForwardSchema schema;
  private final ModelPorts ports;
  private final boolean concurrent;
  private final long memoryBytes;
  private volatile boolean closed;

  /**
   * A model that owns {@code module}, which has been retained, and the defaults in {@code schema}.
   */
  TorchModel(
      JitModule module,
      ForwardSchema schema,
      ModelPorts ports,
      boolean concurrent,
      long memoryBytes) {
    this.module = module;
    this.schema = schema;
    this.ports = ports;
    this.concurrent = concurrent;
    this.memoryBytes = memoryBytes;
  }

  @Override
  public Map<String, Signature> signatures() {
    return Map.of(Signature.DEFAULT_NAME, ports.signature());
  }

  @Override
  public boolean isConcurrent() {
    return concurrent;
  }

  @Override
  public void run(Batch batch) {
    if (closed) {
      throw new ServingException(Category.INTERNAL, "model: run after it was closed");
    }
    batch.refuseLate("the model was run");
    try (PointerScope scope = new PointerScope()) {
      InferenceMode mode = new InferenceMode(true);
      try {
        List<Values.Leaf> leaves = Values.leaves(module.forward(arguments(batch)));
        setOutputs(batch, leaves);
      } finally {
        mode.close();
      }
    } catch (ServingException | MemoryLimitException e) {
      throw e;
    } catch (RuntimeException e) {
      throw TorchErrors.of(e);
    }
  }

  private IValueVector arguments(Batch batch) {
    IValue[] values = new IValue[schema.arguments().size()];
    for (int i = 0; i < ports.arguments().size(); i++) {
      TensorSpec spec = ports.signature().inputs().get(i);
      int given = batch.signature().inputIndex(spec.name());
      Tensor tensor = given < 0 ? null : batch.input(given);
      if (tensor != null) {
        int argument = ports.arguments().get(i);
        ForwardSchema.Kind kind = schema.arguments().get(argument).kind();
        values[argument] = Values.argument(kind, spec, tensor);
      }
    }
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null) {
        ForwardSchema.Argument argument = schema.arguments().get(i);
        values[i] =
            argument
                .otherwise()
                .orElseThrow(() ->
                    ServingException.invalid(
                        "input \"" + argument.name() + "\": missing (expected: a tensor)"))
                .value();
      }
    }
    return new IValueVector(values);
  }

  private void setOutputs(Batch batch, List<Values.Leaf> leaves) {
    for (int i = 0; i < ports.outputs().size(); i++) {
      TensorSpec spec = ports.signature().outputs().get(i);
      int wanted = batch.signature().outputIndex(spec.name());
      if (wanted >= 0 && batch.wants(wanted)) {
        IValue leaf = find(ports.outputs().get(i), spec, leaves);
        Optional<DType> dtype = Values.dtype(leaf);
        if (dtype.isEmpty() || dtype.get() != spec.dtype()) {
          throw new ServingException(
              Category.INTERNAL,
              "output \"%s\": %s (expected: %s; the data_type in config.pbtxt is to be what the model returns)"
                  .formatted(
                      spec.name(),
                      dtype.map(DType::toString).orElse("no plain tensor or number"),
                      spec.dtype()));
        }
        batch.setOutput(wanted, Values.copy(leaf, dtype.get(), batch));
      }
    }
  }

  private static IValue find(ModelPorts.Place place, TensorSpec spec, List<Values.Leaf> leaves) {
    Optional<Values.Leaf> found =
        place.key().isPresent()
            ? leaves.stream().filter(leaf -> leaf.key().equals(place.key())).findFirst()
            : place.position() < leaves.size()
                ? Optional.of(leaves.get(place.position()))
                : Optional.empty();
    return found
        .map(Values.Leaf::value)
        .orElseThrow(() ->
            new ServingException(
                Category.INTERNAL,
                "output \"%s\": not among the %d values that forward returned (expected: it is)"
                    .formatted(spec.name(), leaves.size())));
  }

  @Override
  public long memoryBytes() {
    return memoryBytes;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      schema.close();
      module.releaseReference();
    }
  }
}
