package io.salver.engine.tensorflow;

import java.lang.foreign.Arena;
import java.util.Set;

/**
 * Which memory Salver and TensorFlow may share for the length of a request.
 *
 * <p>TensorFlow counts references to buffers and hands them on instead of copying: a variable that
 * is assigned an input holds that input's buffer afterwards, and an output that is a variable's
 * value is that variable's buffer. A request's memory is reused when the request ends, so neither
 * may happen with shared memory. What decides is the operations that lie between the graph's
 * beginning and the output. Those that TensorFlow itself declares stateless keep nothing beyond a
 * run. Of the stateful ones, those listed here are known to read only. One that is not listed
 * forbids sharing.
 *
 * @param inputs whether no operation may hold on to an input's buffer
 * @param outputs whether, besides, no later run can change an output's buffer: variables of the old
 *     kind are changed in place, those of the new kind are copied when somebody else holds them
 */
record Sharing(boolean inputs, boolean outputs) {
  static final Sharing ALL = new Sharing(true, true);
  static final Sharing NOTHING = new Sharing(false, false);

  private static final Set<String> OLD_VARIABLES = Set.of("Variable", "VariableV2");

  private static final Set<String> READERS =
      Set.of(
          "VarHandleOp",
          "ReadVariableOp",
          "ResourceGather",
          "ResourceGatherNd",
          "HashTable",
          "HashTableV2",
          "LookupTableFind",
          "LookupTableFindV2",
          "LookupTableSize",
          "LookupTableSizeV2",
          "StatefulPartitionedCall",
          "If",
          "Case",
          "While",
          "Assert",
          "RandomUniform",
          "RandomUniformInt",
          "RandomStandardNormal",
          "TruncatedNormal",
          "Multinomial");

  /** What may be shared when both this and the other tensor are computed. */
  Sharing and(Sharing other) {
    return new Sharing(inputs && other.inputs, outputs && other.outputs);
  }

  /** What may be shared when operations of these types run. */
  static Sharing of(Set<String> types) {
    boolean inputs = true;
    boolean outputs = true;
    long status = CApi.newStatus();
    try (Arena arena = Arena.ofConfined()) {
      for (String type : types) {
        if (OLD_VARIABLES.contains(type)) {
          outputs = false;
        } else if (!READERS.contains(type)) {
          boolean stateful = CApi.isStateful(arena.allocateFrom(type), status);
          inputs &= !stateful && CApi.code(status) == 0;
        }
      }
    } finally {
      CApi.deleteStatus(status);
    }
    return new Sharing(inputs, inputs && outputs);
  }
}
