package io.salver.engine.oip;

import io.netty.buffer.ByteBuf;
import io.salver.engine.Batch;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import io.salver.wire.ProtoEncoder;
import io.salver.wire.ProtoWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Writes a ModelInferRequest whose inputs are raw. */
final class InferRequest {
  private static final int MODEL_NAME = 1;
  private static final int INPUTS = 5;
  private static final int OUTPUTS = 6;
  private static final int RAW_INPUTS = 7;
  private static final int NAME = 1;
  private static final int DATATYPE = 2;
  private static final int SHAPE = 3;
  private static final long MAX_BYTES = 1L << 30;

  private final byte[] head;
  private final List<Tensor> raw;
  private final long sizeBytes;

  private InferRequest(byte[] head, List<Tensor> raw, long sizeBytes) {
    this.head = head;
    this.raw = raw;
    this.sizeBytes = sizeBytes;
  }

  /**
   * The request for a batch.
   *
   * @throws ServingException if it would be too large
   */
  static InferRequest of(String model, Batch batch) {
    ProtoWriter head = new ProtoWriter().string(MODEL_NAME, model);
    List<Tensor> raw = new ArrayList<>();
    List<TensorSpec> inputs = batch.signature().inputs();
    long rawBytes = 0;
    for (int i = 0; i < inputs.size(); i++) {
      Tensor tensor = batch.input(i);
      if (tensor != null) {
        head.message(
            INPUTS,
            new ProtoWriter()
                .string(NAME, inputs.get(i).name())
                .string(DATATYPE, Datatypes.name(tensor.dtype()))
                .packedInt64(SHAPE, tensor.shape().dims()));
        raw.add(tensor);
        rawBytes += ProtoEncoder.fieldSize(RAW_INPUTS, sizeBytes(tensor));
      }
    }
    List<TensorSpec> outputs = batch.signature().outputs();
    for (int i = 0; i < outputs.size(); i++) {
      if (batch.wants(i)) {
        head.message(OUTPUTS, new ProtoWriter().string(NAME, outputs.get(i).name()));
      }
    }
    byte[] bytes = head.toByteArray();
    if (bytes.length + rawBytes > MAX_BYTES) {
      throw ServingException.invalid(
          "inputs: %d bytes (expected: at most %d for a worker that speaks gRPC)"
              .formatted(bytes.length + rawBytes, MAX_BYTES));
    }
    return new InferRequest(bytes, raw, bytes.length + rawBytes);
  }

  int sizeBytes() {
    return (int) sizeBytes;
  }

  private static long sizeBytes(Tensor tensor) {
    if (tensor.dtype() != DType.STRING) {
      return tensor.data().byteSize();
    }
    long size = 0;
    for (long i = 0; i < tensor.elementCount(); i++) {
      size += Integer.BYTES + tensor.getString(i).byteSize();
    }
    return size;
  }

  /** Writes it behind what is in {@code out}, which has room. */
  void writeTo(ByteBuf out) {
    out.writeBytes(head);
    for (Tensor tensor : raw) {
      varint(out, RAW_INPUTS << 3 | 2);
      varint(out, sizeBytes(tensor));
      if (tensor.dtype() != DType.STRING) {
        write(out, tensor.data());
        continue;
      }
      for (long i = 0; i < tensor.elementCount(); i++) {
        MemorySegment element = tensor.getString(i);
        out.writeIntLE((int) element.byteSize());
        write(out, element);
      }
    }
  }

  private static void write(ByteBuf out, MemorySegment bytes) {
    if (bytes.byteSize() > 0) {
      out.writeBytes(bytes.asByteBuffer());
    }
  }

  private static void varint(ByteBuf out, long value) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[ProtoEncoder.varintSize(value)]);
    new ProtoEncoder(bytes).varint(value);
    out.writeBytes(bytes.toArray(ValueLayout.JAVA_BYTE));
  }
}
