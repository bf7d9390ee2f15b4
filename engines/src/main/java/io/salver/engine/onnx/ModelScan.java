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
 */
record ModelScan(Optional<String> problem, List<ExternalData> externalData) {
  /**
   * Scans {@code file}.
   *
   * @throws WireFormatException if it is not an ONNX model
   */
  static ModelScan of(MemorySegment file) {
    Optional<String> problem = TopLevelScan.problem(file);
    return new ModelScan(
        problem, problem.isPresent() ? List.of() : List.copyOf(ExternalDataScan.of(file)));
  }
}
