package io.salver.engine.onnx;

import io.salver.engine.Batch;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How a signature maps to a session: everything about it that is the same for every run. Immutable.
 *
 * <p>A <em>slot</em> is an output of the session that the signature uses. There can be fewer of
 * them than the signature has outputs, as scores and labels come from one map.
 */
final class RunPlan {
  /** Where a tensor of a signature comes from. */
  record Source(int port, boolean labels) {}

  private final Signature signature;
  private final Port[] inputs;
  private final Port[] slots;
  private final int[] slotOfOutput;
  private final boolean[] isLabels;
  private final @Nullable ShapeRule[] rules;
  private final int[] allSlots;

  private RunPlan(Signature signature, List<Port> inputs, List<Port> slots) {
    this.signature = signature;
    this.inputs = inputs.toArray(Port[]::new);
    this.slots = slots.toArray(Port[]::new);
    this.slotOfOutput = new int[signature.outputs().size()];
    this.isLabels = new boolean[slotOfOutput.length];
    this.rules = new ShapeRule[slots.size()];
    this.allSlots = new int[slots.size()];
    for (int i = 0; i < slots.size(); i++) {
      rules[i] = ShapeRule.of(slots.get(i), inputs);
      allSlots[i] = i;
    }
  }

  /**
   * The plan for {@code signature}.
   *
   * @throws IllegalArgumentException if it has a tensor that the session has not
   */
  static RunPlan of(Signature signature, SessionPorts ports) {
    List<Port> inputs = new ArrayList<>();
    for (TensorSpec spec : signature.inputs()) {
      inputs.add(ports.input(spec.nativeName()));
    }
    List<Source> sources = new ArrayList<>();
    List<Integer> used = new ArrayList<>();
    for (TensorSpec spec : signature.outputs()) {
      Source source = ports.output(spec.nativeName());
      sources.add(source);
      if (!used.contains(source.port())) {
        used.add(source.port());
      }
    }
    RunPlan plan = new RunPlan(signature, inputs, used.stream().map(ports.outputs()::get).toList());
    for (int i = 0; i < sources.size(); i++) {
      plan.slotOfOutput[i] = used.indexOf(sources.get(i).port());
      plan.isLabels[i] = sources.get(i).labels();
    }
    return plan;
  }

  Signature signature() {
    return signature;
  }

  int inputCount() {
    return inputs.length;
  }

  int outputCount() {
    return slotOfOutput.length;
  }

  /** The slots that {@code batch} needs: all of the signature's, unless it wants less. */
  int[] slots(Batch batch) {
    int wanted = 0;
    for (int i = 0; i < slotOfOutput.length; i++) {
      wanted += batch.wants(i) ? 1 : 0;
    }
    if (wanted == slotOfOutput.length) {
      return allSlots;
    }
    return IntStream.range(0, slotOfOutput.length)
        .filter(batch::wants)
        .map(i -> slotOfOutput[i])
        .distinct()
        .toArray();
  }

  Port input(int i) {
    return inputs[i];
  }

  Port slot(int slot) {
    return slots[slot];
  }

  /** The slot of the signature's output {@code i}. */
  int slotOfOutput(int i) {
    return slotOfOutput[i];
  }

  /** Whether the signature's output {@code i} is the labels of a map, rather than its values. */
  boolean isLabels(int i) {
    return isLabels[i];
  }

  /** How the shape of a slot follows from the inputs', or null if it is not known before a run. */
  @Nullable ShapeRule rule(int slot) {
    return rules[slot];
  }
}
