package io.salver.server.triton;

import io.salver.server.oip.proto.DataType;
import io.salver.server.oip.proto.ModelConfig;
import io.salver.server.oip.proto.ModelDynamicBatching;
import io.salver.server.oip.proto.ModelInput;
import io.salver.server.oip.proto.ModelInstanceGroup;
import io.salver.server.oip.proto.ModelOutput;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a configuration has to keep to, by itself and beside its model. Pure. */
final class ConfigRules {
  /** Of one model. */
  static final int MAX_INSTANCES = 1_024;

  private static final int MAX_PRIORITY_LEVELS = 1_000;
  private static final long ANY = -1;

  private ConfigRules() {}

  /**
   * Checks a configuration by itself.
   *
   * @throws ConfigProblem naming field, value and expectation
   */
  static void check(ModelConfig config) throws ConfigProblem {
    requireAtLeast("max_batch_size", config.getMaxBatchSize(), 0);
    for (ModelInstanceGroup group : config.getInstanceGroupList()) {
      requireBetween("instance_group.count", group.getCount(), 0, MAX_INSTANCES);
    }
    if (config.hasDynamicBatching()) {
      checkBatching(config.getDynamicBatching(), config.getMaxBatchSize());
    }
    for (long version : config.getVersionPolicy().getSpecific().getVersionsList()) {
      requireAtLeast("version_policy.specific.versions", version, 0);
    }
  }

  private static void checkBatching(ModelDynamicBatching batching, int maxBatchSize)
      throws ConfigProblem {
    if (maxBatchSize == 0) {
      throw new ConfigProblem(
          "dynamic_batching: set beside max_batch_size: 0 (expected: max_batch_size >= 1)");
    }
    for (int size : batching.getPreferredBatchSizeList()) {
      if (size < 1 || size > maxBatchSize) {
        throw new ConfigProblem(
            "dynamic_batching.preferred_batch_size: "
                + size
                + " (expected: 1 to max_batch_size "
                + maxBatchSize
                + ")");
      }
    }
    requireBetween(
        "dynamic_batching.priority_levels", batching.getPriorityLevels(), 0, MAX_PRIORITY_LEVELS);
    long priority = batching.getDefaultPriorityLevel();
    boolean fits =
        batching.getPriorityLevels() == 0
            ? priority == 0
            : priority >= 1 && priority <= batching.getPriorityLevels();
    if (!fits) {
      throw new ConfigProblem(
          "dynamic_batching.default_priority_level: "
              + Long.toUnsignedString(priority)
              + " (expected: "
              + (batching.getPriorityLevels() == 0
                  ? "0, as there are no priority_levels"
                  : "1 to priority_levels " + batching.getPriorityLevels())
              + ")");
    }
  }

  private static void requireBetween(String field, long value, long least, long most)
      throws ConfigProblem {
    if (value < least || value > most) {
      throw new ConfigProblem(field + ": " + value + " (expected: " + least + " to " + most + ")");
    }
  }

  private static void requireAtLeast(String field, long value, long least) throws ConfigProblem {
    if (value < least) {
      throw new ConfigProblem(field + ": " + value + " (expected: >= " + least + ")");
    }
  }

  /**
   * Checks what a configuration says of a model's tensors.
   *
   * @throws ConfigProblem naming tensor, field, value and expectation
   */
  static void check(ModelConfig config, Signature signature) throws ConfigProblem {
    if (config.getMaxBatchSize() > 0) {
      checkBatchDimension("input", config.getMaxBatchSize(), signature.inputs());
      checkBatchDimension("output", config.getMaxBatchSize(), signature.outputs());
    }
    Set<String> names = new HashSet<>();
    for (ModelInput input : config.getInputList()) {
      Declared declared =
          new Declared("input", input.getName(), input.getDataType(), input.getDimsList());
      TensorSpec spec = declared.find(signature.inputs(), names);
      declared.check(spec, config.getMaxBatchSize());
      if (input.getOptional() && !spec.optional()) {
        throw declared.wrong("optional: true", "false, as the model needs it");
      }
    }
    for (TensorSpec spec : signature.inputs()) {
      if (config.getInputCount() > 0 && !spec.optional() && !names.contains(spec.name())) {
        throw new ConfigProblem(
            "input: "
                + config.getInputCount()
                + " declared, without \""
                + spec.name()
                + "\" (expected: none, or the model's "
                + signature.inputs().size()
                + ": "
                + names(signature.inputs())
                + ")");
      }
    }
    names.clear();
    for (ModelOutput output : config.getOutputList()) {
      Declared declared =
          new Declared("output", output.getName(), output.getDataType(), output.getDimsList());
      declared.check(declared.find(signature.outputs(), names), config.getMaxBatchSize());
    }
  }

  private static void checkBatchDimension(String kind, int maxBatchSize, List<TensorSpec> specs)
      throws ConfigProblem {
    for (TensorSpec spec : specs) {
      if (spec.shape().isRankKnown() && (spec.shape().rank() == 0 || spec.shape().dim(0) != ANY)) {
        throw new ConfigProblem(
            "max_batch_size: "
                + maxBatchSize
                + " (expected: 0, as the model's "
                + kind
                + " \""
                + spec.name()
                + "\" has the shape "
                + spec.shape()
                + ", without a batch dimension)");
      }
    }
  }

  private static List<String> names(List<TensorSpec> specs) {
    return specs.stream().map(TensorSpec::name).toList();
  }

  /** A tensor as a configuration declares it. */
  private record Declared(String kind, String name, DataType type, List<Long> dims) {
    TensorSpec find(List<TensorSpec> specs, Set<String> found) throws ConfigProblem {
      if (!found.add(name)) {
        throw new ConfigProblem(kind + ": \"" + name + "\" twice (expected: once)");
      }
      for (TensorSpec spec : specs) {
        if (spec.name().equals(name)) {
          return spec;
        }
      }
      throw new ConfigProblem(
          kind + ": \"" + name + "\" (expected: one of the model's: " + names(specs) + ")");
    }

    void check(TensorSpec spec, int maxBatchSize) throws ConfigProblem {
      DataType expected = TensorTypes.of(spec.dtype());
      if (type != expected) {
        throw wrong("data_type: " + type, expected.toString());
      }
      List<Long> whole = new ArrayList<>(dims);
      if (maxBatchSize > 0) {
        whole.addFirst(ANY);
      }
      if (!fits(whole, spec.shape())) {
        throw wrong(
            "dims: " + dims + (maxBatchSize > 0 ? ", with the batch dimension " + whole : ""),
            "the model's shape " + spec.shape());
      }
    }

    /** What the model leaves open may be said; what it says may not be left open. */
    private static boolean fits(List<Long> dims, Shape shape) {
      if (!shape.isRankKnown()) {
        return true;
      }
      if (dims.size() != shape.rank()) {
        return false;
      }
      for (int i = 0; i < dims.size(); i++) {
        if (dims.get(i) < ANY || shape.dim(i) != ANY && shape.dim(i) != dims.get(i)) {
          return false;
        }
      }
      return true;
    }

    ConfigProblem wrong(String what, String expected) {
      return new ConfigProblem(
          kind + " \"" + name + "\": " + what + " (expected: " + expected + ")");
    }
  }
}
