package io.salver.server.oip;

import io.salver.model.ModelLease;
import io.salver.server.triton.TritonConfig;
import io.salver.tensor.Signature;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Knows what the classes of outputs are called. Bounded; thread-safe: a race loses at most an
 * entry.
 */
final class OutputLabels {
  private static final int SLOTS = 64;

  /** The signature stands for the load that it came with. */
  private record Entry(Signature signature, String output, List<String> labels) {}

  private final @Nullable Entry[] slots = new Entry[SLOTS];

  /** The names of the classes of an output, by their indices; empty if they have none. */
  List<String> of(ModelLease lease, Signature signature, String output) {
    int hash = System.identityHashCode(signature) + 31 * output.hashCode();
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    Entry entry = slots[slot];
    if (entry != null && entry.signature == signature && entry.output.equals(output)) {
      return entry.labels;
    }
    List<String> labels = TritonConfig.labels(lease.model(), output);
    slots[slot] = new Entry(signature, output, labels);
    return labels;
  }
}
