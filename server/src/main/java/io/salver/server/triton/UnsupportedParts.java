package io.salver.server.triton;

import io.salver.server.oip.proto.ModelConfig;
import io.salver.server.oip.proto.ModelDynamicBatching;
import io.salver.server.oip.proto.ModelInput;
import io.salver.server.oip.proto.ModelInstanceGroup;
import io.salver.server.oip.proto.ModelOutput;
import io.salver.server.oip.proto.ModelQueuePolicy;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of a configuration that Salver does not have. One that changes what a model answers, or
 * that guards it, makes the model be refused; one that changes how fast it answers is left out, and
 * said to be.
 */
final class UnsupportedParts {
  private UnsupportedParts() {}

  /**
   * Refuses a model that would not do what its configuration says.
   *
   * @throws ConfigProblem naming the part
   */
  static void refuse(ModelConfig config) throws ConfigProblem {
    if (config.hasEnsembleScheduling() || config.getPlatform().equals("ensemble")) {
      throw refusal(
          "ensemble_scheduling", config.getEnsembleScheduling().getStepCount() + " steps");
    }
    refuseIf(config.hasSequenceBatching(), "sequence_batching");
    refuseIf(
        config.getModelTransactionPolicy().getDecoupled(), "model_transaction_policy.decoupled");
    refuseIf(config.getBatchInputCount() > 0, "batch_input");
    refuseIf(config.getBatchOutputCount() > 0, "batch_output");
    refuseIf(config.getModelRepositoryAgents().getAgentsCount() > 0, "model_repository_agents");
    refuseIf(config.getModelOperations().getOpLibraryFilenameCount() > 0, "model_operations");
    for (ModelInput input : config.getInputList()) {
      String at = "input \"" + input.getName() + "\": ";
      refuseIf(input.hasReshape(), at + "reshape");
      refuseIf(input.getIsShapeTensor(), at + "is_shape_tensor");
      refuseIf(input.getAllowRaggedBatch(), at + "allow_ragged_batch");
      refuseIf(input.getIsNonLinearFormatIo(), at + "is_non_linear_format_io");
    }
    for (ModelOutput output : config.getOutputList()) {
      String at = "output \"" + output.getName() + "\": ";
      refuseIf(output.hasReshape(), at + "reshape");
      refuseIf(output.getIsShapeTensor(), at + "is_shape_tensor");
      refuseIf(output.getIsNonLinearFormatIo(), at + "is_non_linear_format_io");
    }
  }

  private static void refuseIf(boolean present, String part) throws ConfigProblem {
    if (present) {
      throw refusal(part, "set");
    }
  }

  private static ConfigProblem refusal(String part, String value) {
    return new ConfigProblem(part + ": " + value + " (expected: none, it is not supported)");
  }

  /** The parts that are set and without effect. */
  static List<String> withoutEffect(ModelConfig config) {
    List<String> parts = new ArrayList<>();
    addIf(config.hasOptimization(), "optimization", parts);
    addIf(config.getModelWarmupCount() > 0, "model_warmup", parts);
    addIf(config.getParametersCount() > 0, "parameters", parts);
    addIf(config.getCcModelFilenamesCount() > 0, "cc_model_filenames", parts);
    addIf(config.getMetricTagsCount() > 0, "metric_tags", parts);
    addIf(config.hasModelMetrics(), "model_metrics", parts);
    addIf(!config.getRuntime().isEmpty(), "runtime", parts);
    for (ModelInstanceGroup group : config.getInstanceGroupList()) {
      addIf(group.getKind() == ModelInstanceGroup.Kind.KIND_GPU, "instance_group.kind", parts);
      addIf(group.getGpusCount() > 0, "instance_group.gpus", parts);
      addIf(group.hasRateLimiter(), "instance_group.rate_limiter", parts);
      addIf(group.getProfileCount() > 0, "instance_group.profile", parts);
      addIf(group.getSecondaryDevicesCount() > 0, "instance_group.secondary_devices", parts);
      addIf(!group.getHostPolicy().isEmpty(), "instance_group.host_policy", parts);
      addIf(group.getPassive(), "instance_group.passive", parts);
    }
    if (config.hasDynamicBatching()) {
      addQueueing(config.getDynamicBatching(), parts);
    }
    return parts.stream().distinct().toList();
  }

  private static void addQueueing(ModelDynamicBatching batching, List<String> parts) {
    String prefix = "dynamic_batching.";
    addIf(batching.getPreserveOrdering(), prefix + "preserve_ordering", parts);
    addIf(batching.getPriorityQueuePolicyCount() > 0, prefix + "priority_queue_policy", parts);
    addIf(
        batching.getDefaultQueuePolicy().getTimeoutAction() == ModelQueuePolicy.TimeoutAction.DELAY,
        prefix + "default_queue_policy.timeout_action",
        parts);
  }

  private static void addIf(boolean present, String part, List<String> to) {
    if (present) {
      to.add(part);
    }
  }
}
