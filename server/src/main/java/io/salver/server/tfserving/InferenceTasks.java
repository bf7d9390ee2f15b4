package io.salver.server.tfserving;

import io.salver.engine.LoadedModel;
import io.salver.model.ModelLease;
import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Several signatures of one model that are to see the same examples, merged into one so that one
 * run answers all: its inputs are the distinct input tensors, which all get the examples, and its
 * outputs the distinct output tensors. Immutable.
 *
 * @param merged its tensors are named as the engine names them
 * @param tasks in the request's order; their outputs are those of {@code merged}
 * @param names the signatures' own names, in the same order
 */
record InferenceTasks(Signature merged, List<ExampleTask> tasks, List<String> names) {

  /**
   * A task as a request names it.
   *
   * @param methodName as {@code tensorflow/serving/classify}
   */
  record Named(Target target, String methodName) {}

  /**
   * The tasks that a request names.
   *
   * @throws ServingException if they do not belong together, or a signature does not allow its task
   */
  static InferenceTasks of(List<Named> named, LoadedModel model) {
    Set<String> seen = new HashSet<>();
    List<ExampleTask> own = new ArrayList<>();
    for (Named task : named) {
      String name = task.target().signature();
      if (!seen.add(name)) {
        throw ServingException.invalid("Duplicate evaluation of signature: " + name);
      }
      Signature signature = model.signatures().get(name);
      if (signature == null) {
        throw ServingException.invalid("Requested signature not found in model graph: " + name);
      }
      own.add(ExampleTask.of(method(task.methodName()), signature));
    }
    return merge(own);
  }

  private static ExampleMethod method(String name) {
    for (ExampleMethod method : ExampleMethod.values()) {
      if (method.methodName().equals(name)) {
        return method;
      }
    }
    throw new ServingException(
        Category.UNIMPLEMENTED, "Unsupported signature method_name: " + name);
  }

  private static InferenceTasks merge(List<ExampleTask> own) {
    Map<String, TensorSpec> inputs = new LinkedHashMap<>();
    Map<String, TensorSpec> outputs = new LinkedHashMap<>();
    for (ExampleTask task : own) {
      task.signature().inputs().forEach(spec -> inputs.put(spec.nativeName(), byNativeName(spec)));
      task.signature()
          .outputs()
          .forEach(spec -> outputs.put(spec.nativeName(), byNativeName(spec)));
    }
    List<String> names = own.stream().map(task -> task.signature().name()).toList();
    Signature merged =
        new Signature(
            String.join(",", names),
            "",
            new ArrayList<>(inputs.values()),
            new ArrayList<>(outputs.values()));
    return new InferenceTasks(
        merged, own.stream().map(task -> moved(task, merged)).toList(), names);
  }

  private static TensorSpec byNativeName(TensorSpec spec) {
    return new TensorSpec(
        spec.nativeName(), spec.dtype(), spec.shape(), spec.nativeName(), spec.optional());
  }

  private static ExampleTask moved(ExampleTask task, Signature merged) {
    return new ExampleTask(
        task.method(),
        merged,
        moved(task.signature(), task.classes(), merged),
        moved(task.signature(), task.scores(), merged),
        moved(task.signature(), task.values(), merged));
  }

  private static int moved(Signature from, int output, Signature to) {
    return output < 0 ? -1 : to.outputIndex(from.outputs().get(output).nativeName());
  }

  /** The request that has {@code examples} run. */
  PredictRequest request(
      ModelLease lease,
      Tensor examples,
      TensorArena arena,
      long receivedNs,
      long deadlineNs,
      int priority) {
    boolean[] wanted = new boolean[merged.outputs().size()];
    tasks.forEach(task -> task.addWanted(wanted));
    Tensor[] inputs = new Tensor[merged.inputs().size()];
    Arrays.fill(inputs, examples);
    return new PredictRequest(
        lease, merged, inputs, wanted, arena, receivedNs, deadlineNs, priority, 0);
  }

  /**
   * Merged tasks of the requests of late, so that the same request has the same signature again.
   * Thread-safe.
   */
  static final class Cache {
    private static final int MAX_ENTRIES = 64;

    private record Key(ModelVersion version, LoadedModel model, String tasks) {}

    private volatile Map<Key, InferenceTasks> entries = Map.of();

    /** As {@link InferenceTasks#of}. */
    InferenceTasks of(ModelVersion version, List<Named> named, LoadedModel model) {
      Key key =
          new Key(
              version,
              model,
              named.stream()
                  .map(task -> task.methodName() + ":" + task.target().signature())
                  .collect(Collectors.joining("\n")));
      @Nullable InferenceTasks known = entries.get(key);
      if (known != null) {
        return known;
      }
      InferenceTasks tasks = InferenceTasks.of(named, model);
      Map<Key, InferenceTasks> copy =
          entries.size() < MAX_ENTRIES ? new HashMap<>(entries) : new HashMap<>();
      copy.put(key, tasks);
      entries = copy;
      return tasks;
    }
  }
}
