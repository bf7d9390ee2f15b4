package io.salver.engine.tflite;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/**
 * What Salver wants to know of a model file; everything in it has been checked.
 *
 * @param graphs the first is the main one
 * @param signatures may be empty
 * @param metadata views of the file, by name
 * @param stateful whether an operator writes what later runs read
 * @param idleOperators whether there is an operator whose outputs nothing reads
 */
record ModelOutline(
    List<Graph> graphs,
    List<NamedSignature> signatures,
    Map<String, MemorySegment> metadata,
    boolean stateful,
    boolean idleOperators) {

  /**
   * A signature of the file.
   *
   * @param inputs names to positions in the graph's inputs, in the file's order
   * @param outputs names to positions in the graph's outputs
   */
  record NamedSignature(
      String key, int graph, Map<String, Integer> inputs, Map<String, Integer> outputs) {}

  /** An upper bound of what one interpreter needs for tensors of the file's own shapes. */
  long workingBytes() {
    long total = 0;
    for (Graph graph : graphs) {
      long size = graph.workingBytes();
      total = size > Long.MAX_VALUE - total ? Long.MAX_VALUE : total + size;
    }
    return total;
  }

  /** Whether a tensor of any graph keeps its elements from run to run. */
  boolean hasVariables() {
    return graphs.stream().flatMap(g -> g.tensors().stream()).anyMatch(GraphTensor::variable);
  }
}
