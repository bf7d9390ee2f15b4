package io.salver.engine.onnx;

import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * What a model file says of itself without being loaded.
 *
 * @param problem why it is not whole, if it is not
 * @param externalData the external data that it names; empty if there is a problem
 * @param nesting how deep graphs lie inside of the nodes of graphs
 */
record ModelScan(Optional<String> problem, List<ExternalData> externalData, int nesting) {
  /**
   * Scans {@code file}.
   *
   * @throws WireFormatException if it is not an ONNX model
   */
  static ModelScan of(MemorySegment file) {
    Optional<String> problem = TopLevelScan.problem(file);
    if (problem.isPresent()) {
      return new ModelScan(problem, List.of(), 0);
    }
    GraphScan graphs = GraphScan.of(file);
    return new ModelScan(problem, List.copyOf(graphs.externalData()), graphs.nesting());
  }
}
