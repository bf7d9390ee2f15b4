package io.salver.server.triton;

import io.salver.lifecycle.VersionPolicy;
import io.salver.model.ModelLease;
import io.salver.server.oip.proto.ModelConfig;
import io.salver.server.oip.proto.ModelDynamicBatching;
import io.salver.server.oip.proto.ModelInput;
import io.salver.server.oip.proto.ModelInstanceGroup;
import io.salver.server.oip.proto.ModelOutput;
import io.salver.server.oip.proto.ModelResponseCache;
import io.salver.server.oip.proto.ModelTransactionPolicy;
import io.salver.server.oip.proto.ModelVersionPolicy;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The configuration that a loaded version has, with what its file left to the server filled in. */
public final class ServedConfig {
  private ServedConfig() {}

  /**
   * What the server does where a model's file says nothing.
   *
   * @param maxBatchSize the most rows of a run
   * @param instances threads that run a model
   * @param batches whether requests are put together
   */
  public record Defaults(int maxBatchSize, int instances, boolean batches) {}

  /**
   * The configuration of a version.
   *
   * @param engine the name of the engine that loaded it
   * @param versions which of the model's versions are served
   */
  public static ModelConfig of(
      ModelLease lease,
      Signature signature,
      String engine,
      VersionPolicy versions,
      Defaults defaults) {
    Optional<TritonConfig> file = TritonConfig.of(lease.model());
    ModelConfig.Builder config =
        file.map(known -> known.message().toBuilder()).orElseGet(ModelConfig::newBuilder);
    Platforms platforms = Platforms.of(engine);
    config
        .setName(lease.version().model())
        .setPlatform(platforms.platform())
        .setBackend(platforms.backend())
        .setModelTransactionPolicy(ModelTransactionPolicy.newBuilder().setDecoupled(false))
        .setResponseCache(
            ModelResponseCache.newBuilder().setEnable(config.getResponseCache().getEnable()));
    if (file.isEmpty() && hasBatchDimension(signature)) {
      config.setMaxBatchSize(defaults.maxBatchSize());
      if (defaults.batches()) {
        config.setDynamicBatching(ModelDynamicBatching.getDefaultInstance());
      }
    }
    if (!config.hasVersionPolicy()) {
      config.setVersionPolicy(policy(versions));
    }
    if (config.getInstanceGroupCount() == 0) {
      config.addInstanceGroup(
          ModelInstanceGroup.newBuilder()
              .setName(lease.version().model() + "_0")
              .setKind(ModelInstanceGroup.Kind.KIND_CPU)
              .setCount(defaults.instances()));
    }
    fillTensors(config, signature);
    return config.build();
  }

  /** Whether the first dimension of all inputs and outputs is open, and so one of rows. */
  public static boolean hasBatchDimension(Signature signature) {
    return hasBatchDimension(signature.inputs()) && hasBatchDimension(signature.outputs());
  }

  private static boolean hasBatchDimension(List<TensorSpec> specs) {
    return specs.stream()
        .map(TensorSpec::shape)
        .allMatch(shape -> !shape.isRankKnown() || shape.rank() > 0 && shape.dim(0) == -1);
  }

  private static ModelVersionPolicy policy(VersionPolicy versions) {
    ModelVersionPolicy.Builder policy = ModelVersionPolicy.newBuilder();
    switch (versions) {
      case VersionPolicy.Latest(int count) -> policy.getLatestBuilder().setNumVersions(count);
      case VersionPolicy.All() -> policy.setAll(ModelVersionPolicy.All.getDefaultInstance());
      case VersionPolicy.Specific(var numbers) ->
          policy.getSpecificBuilder().addAllVersions(numbers);
    }
    return policy.build();
  }

  private static void fillTensors(ModelConfig.Builder config, Signature signature) {
    boolean batched = config.getMaxBatchSize() > 0;
    if (config.getInputCount() == 0) {
      for (TensorSpec spec : signature.inputs()) {
        config.addInput(
            ModelInput.newBuilder()
                .setName(spec.name())
                .setDataType(TensorTypes.of(spec.dtype()))
                .addAllDims(dims(spec.shape(), batched))
                .setOptional(spec.optional()));
      }
    }
    if (config.getOutputCount() == 0) {
      for (TensorSpec spec : signature.outputs()) {
        config.addOutput(
            ModelOutput.newBuilder()
                .setName(spec.name())
                .setDataType(TensorTypes.of(spec.dtype()))
                .addAllDims(dims(spec.shape(), batched)));
      }
    }
  }

  private static List<Long> dims(Shape shape, boolean batched) {
    return Arrays.stream(shape.dims()).skip(batched ? 1 : 0).boxed().toList();
  }
}
