package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Steps one after the other. Every tensor that is passed on has a number, so that nothing is looked
 * up by name when they are run. A step's tensor hides an earlier one of the same name.
 */
final class Chain {
  /** A step, and the numbers of what it takes and gives, in its signature's order. */
  private record Link(Step step, int[] inputs, int[] outputs) {}

  private final Signature signature;
  private final List<Link> links;
  private final int[] inputs;
  private final int[] outputs;
  private final int tensors;

  private Chain(Signature signature, List<Link> links, int[] inputs, int[] outputs, int tensors) {
    this.signature = signature;
    this.links = links;
    this.inputs = inputs;
    this.outputs = outputs;
    this.tensors = tensors;
  }

  /** A tensor's number, and what it is. */
  private record Slot(int number, TensorSpec spec) {}

  /** Gives tensors their numbers. */
  private static final class Wiring {
    private final Map<String, Slot> latest = new HashMap<>();
    private final List<Slot> inputs = new ArrayList<>();
    private final Map<String, Slot> untaken = new LinkedHashMap<>();
    private int tensors;

    int take(TensorSpec wanted) throws ModelLoadException {
      String name = wanted.name();
      Slot found = latest.get(name);
      if (found == null) {
        found = new Slot(tensors++, wanted);
        inputs.add(found);
        latest.put(name, found);
      } else if (found.spec().dtype() != wanted.dtype()) {
        throw new ModelLoadException(
            "tensor: \"%s\" is %s (expected: %s)"
                .formatted(name, found.spec().dtype(), wanted.dtype()));
      }
      untaken.remove(name);
      return found.number();
    }

    int give(TensorSpec made) {
      Slot slot = new Slot(tensors++, made);
      latest.put(made.name(), slot);
      untaken.remove(made.name());
      untaken.put(made.name(), slot);
      return slot.number();
    }
  }

  /**
   * A chain under the name and the method name of {@code own}.
   *
   * @throws ModelLoadException if a step gives what the next cannot take
   */
  static Chain of(Signature own, List<Step> steps) throws ModelLoadException {
    Wiring wiring = new Wiring();
    List<Link> links = new ArrayList<>();
    for (Step step : steps) {
      List<TensorSpec> takes = step.signature().inputs();
      int[] taken = new int[takes.size()];
      for (int i = 0; i < taken.length; i++) {
        taken[i] = wiring.take(takes.get(i));
      }
      int[] given = step.signature().outputs().stream().mapToInt(wiring::give).toArray();
      links.add(new Link(step, taken, given));
    }
    return new Chain(
        new Signature(
            own.name(), own.methodName(), specs(wiring.inputs), specs(wiring.untaken.values())),
        links,
        numbers(wiring.inputs),
        numbers(wiring.untaken.values()),
        wiring.tensors);
  }

  private static List<TensorSpec> specs(Collection<Slot> slots) {
    return slots.stream().map(Slot::spec).toList();
  }

  private static int[] numbers(Collection<Slot> slots) {
    return slots.stream().mapToInt(Slot::number).toArray();
  }

  /** What the whole takes and gives. */
  Signature signature() {
    return signature;
  }

  /** Elements that an input takes, as the first step says that it goes to. */
  List<byte[]> examples(int input) {
    for (Link link : links) {
      for (int i = 0; i < link.inputs().length; i++) {
        if (link.inputs()[i] == inputs[input]) {
          return link.step().examples(i);
        }
      }
    }
    return List.of();
  }

  /**
   * Runs the steps that are needed for what {@code batch} wants.
   *
   * @param inputOf for each input of the batch its place in {@link #signature()}
   * @param outputOf for each output of the batch likewise
   */
  void run(Batch batch, int[] inputOf, int[] outputOf) {
    @Nullable Tensor[] values = new Tensor[tensors];
    boolean[] needed = new boolean[tensors];
    for (int i = 0; i < inputOf.length; i++) {
      values[inputs[inputOf[i]]] = batch.input(i);
    }
    for (int i = 0; i < outputOf.length; i++) {
      needed[outputs[outputOf[i]]] |= batch.wants(i);
    }
    boolean[] runs = needed(needed);
    for (int l = 0; l < runs.length; l++) {
      if (runs[l]) {
        batch.refuseLate("step " + (l + 1) + " of " + runs.length + " was run");
        run(links.get(l), batch, values, needed);
      }
    }
    for (int i = 0; i < outputOf.length; i++) {
      Tensor value = values[outputs[outputOf[i]]];
      if (batch.wants(i) && value != null) {
        batch.setOutput(i, value);
      }
    }
  }

  /** Which links have to run; adds to {@code needed} what those take. */
  private boolean[] needed(boolean[] needed) {
    boolean[] runs = new boolean[links.size()];
    for (int l = runs.length - 1; l >= 0; l--) {
      for (int output : links.get(l).outputs()) {
        runs[l] |= needed[output];
      }
      if (runs[l]) {
        for (int input : links.get(l).inputs()) {
          needed[input] = true;
        }
      }
    }
    return runs;
  }

  private static void run(Link link, Batch whole, @Nullable Tensor[] values, boolean[] needed) {
    @Nullable Tensor[] inputs = new Tensor[link.inputs().length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = values[link.inputs()[i]];
    }
    boolean[] wanted = new boolean[link.outputs().length];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = needed[link.outputs()[i]];
    }
    Batch part =
        new Batch(link.step().signature(), inputs, wanted, whole.arena(), whole.deadlineNs());
    link.step().run(part);
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i]) {
        values[link.outputs()[i]] = part.output(i);
      }
    }
  }
}
