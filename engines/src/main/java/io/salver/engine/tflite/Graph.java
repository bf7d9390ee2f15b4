package io.salver.engine.tflite;

import java.util.List;

/**
 * A subgraph of a file, its indices checked.
 *
 * @param inputs indices of tensors
 * @param outputs indices of tensors
 */
record Graph(List<GraphTensor> tensors, int[] inputs, int[] outputs) {

  /** Input {@code i}. */
  GraphTensor input(int i) {
    return tensors.get(inputs[i]);
  }

  /** Output {@code i}. */
  GraphTensor output(int i) {
    return tensors.get(outputs[i]);
  }

  /** The bytes of all tensors whose elements do not lie in the file, as if none shared memory. */
  long workingBytes() {
    long total = 0;
    for (GraphTensor tensor : tensors) {
      if (!tensor.constant()) {
        long size = tensor.sizeBytes();
        total = size > Long.MAX_VALUE - total ? Long.MAX_VALUE : total + size;
      }
    }
    return total;
  }
}
