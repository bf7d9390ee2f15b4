package io.salver.engine.tensorflow;

import io.salver.predict.ServingException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Tensors of TensorFlow's that come from serialised {@code TensorProto}s. */
final class TensorProtos {
  private static final int FLOAT = 1;

  private TensorProtos() {}

  /**
   * The tensor that {@code proto} describes, in memory of TensorFlow's own.
   *
   * @return to be deleted by the caller
   * @throws ServingException if it describes none
   */
  static long read(byte[] proto) {
    long status = CApi.newStatus();
    long tensor = CApi.allocateTensor(FLOAT, MemorySegment.NULL, 0, Float.BYTES);
    try (Arena arena = Arena.ofConfined()) {
      long buffer = CApi.newBuffer(arena.allocateFrom(ValueLayout.JAVA_BYTE, proto));
      CApi.tensorFromProto(buffer, tensor, status);
      CApi.deleteBuffer(buffer);
      if (CApi.code(status) != 0) {
        CApi.deleteTensor(tensor);
        throw TensorFlowErrors.ofRun(status);
      }
      return tensor;
    } finally {
      CApi.deleteStatus(status);
    }
  }
}
