package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.engine.PerSignature;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** A model whose default signature has steps around it. */
final class SteppedModel implements LoadedModel {
  private static final int MAX_SIGNATURES = 64;

  /** Where a signature's tensors are in the chain's; only if all of them are. */
  private record Places(boolean inChain, int[] inputs, int[] outputs) {}

  private final LoadedModel model;
  private final Chain chain;
  private final Map<String, Signature> signatures;
  private final PerSignature<Places> places = new PerSignature<>(MAX_SIGNATURES, this::places);

  SteppedModel(LoadedModel model, String stepped, Chain chain) {
    this.model = model;
    this.chain = chain;
    Map<String, Signature> all = new LinkedHashMap<>(model.signatures());
    all.put(stepped, chain.signature());
    this.signatures = Collections.unmodifiableMap(all);
  }

  private Places places(Signature signature) {
    int[] inputs = places(signature.inputs(), chain.signature()::inputIndex);
    int[] outputs = places(signature.outputs(), chain.signature()::outputIndex);
    boolean inChain = min(inputs) >= 0 && min(outputs) >= 0;
    return new Places(inChain && !model.signatures().containsValue(signature), inputs, outputs);
  }

  private static int[] places(List<TensorSpec> specs, ToIntFunction<String> index) {
    return specs.stream().map(TensorSpec::name).mapToInt(index).toArray();
  }

  private static int min(int[] values) {
    int min = 0;
    for (int value : values) {
      min = Math.min(min, value);
    }
    return min;
  }

  @Override
  public Map<String, Signature> signatures() {
    return signatures;
  }

  @Override
  public boolean isConcurrent() {
    return model.isConcurrent();
  }

  @Override
  public int workers() {
    return model.workers();
  }

  @Override
  public boolean isApproximate() {
    return model.isApproximate();
  }

  @Override
  public long workerCpuNs() {
    return model.workerCpuNs();
  }

  @Override
  public void run(Batch batch) {
    Places found = places.get(batch.signature());
    if (found.inChain()) {
      chain.run(batch, found.inputs(), found.outputs());
    } else {
      model.run(batch);
    }
  }

  @Override
  public List<byte[]> examples(Signature signature, int input) {
    return signature == chain.signature()
        ? chain.examples(input)
        : model.examples(signature, input);
  }

  @Override
  public long memoryBytes() {
    return model.memoryBytes();
  }

  @Override
  public void close() {
    model.close();
  }
}
