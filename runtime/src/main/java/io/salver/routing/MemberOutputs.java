package io.salver.routing;

import io.salver.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the members of an ensemble answered, by the request's signature. Used by one thread. */
final class MemberOutputs {
  private final int members;
  private final Map<Integer, @Nullable Tensor[]> arrived = new HashMap<>();

  /** Nothing yet of so many members. */
  MemberOutputs(int members) {
    this.members = members;
  }

  void put(int member, @Nullable Tensor[] outputs) {
    arrived.put(member, outputs);
  }

  int members() {
    return members;
  }

  /** Output {@code i} of a member; null if it has not come, or has no such output. */
  @Nullable Tensor get(int member, int i) {
    @Nullable Tensor[] outputs = arrived.get(member);
    return outputs == null ? null : outputs[i];
  }
}
