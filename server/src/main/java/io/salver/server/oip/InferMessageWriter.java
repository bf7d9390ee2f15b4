package io.salver.server.oip;

import io.salver.predict.PredictRequest;
import io.salver.server.inference.GrpcMessages;
import io.salver.server.sharedmemory.RegionView;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.wire.ProtoEncoder;
import io.salver.wire.ProtoWriter;
import org.jspecify.annotations.Nullable;

/**
 * Writes the {@code ModelInferResponse} of one answered request, with outputs in their raw form
 * only: first its size, then, into memory of that size, the message. Used by one thread, once.
 */
final class InferMessageWriter implements GrpcMessages.Answer {
  private static final int ID = 3;
  private static final int PARAMETERS = 4;
  private static final int OUTPUTS = 5;
  private static final int RAW_OUTPUT_CONTENTS = 6;
  private static final int SHAPE = 3;

  /** {@code triton_final_response: true} as an entry of the map of parameters. */
  private static final byte[] FINAL =
      new ProtoWriter()
          .string(1, "triton_final_response")
          .message(2, new ProtoWriter().int64(1, 1))
          .toByteArray();

  private final ReplyForm form;
  private final boolean marked;
  private final @Nullable Tensor[] tensors;
  private final long size;

  /**
   * Writes to shared memory what is to be written there, and measures the message.
   *
   * @param streamed whether it is one of a stream's
   */
  InferMessageWriter(PredictRequest request, ReplyForm form, boolean streamed) {
    this.form = form;
    this.marked = streamed && form.marksFinal();
    this.tensors = new Tensor[request.signature().outputs().size()];
    long total = form.plan().messageHead().length;
    if (form.id().length > 0) {
      total += ProtoEncoder.fieldSize(ID, form.id().length);
    }
    if (marked) {
      total += ProtoEncoder.fieldSize(PARAMETERS, FINAL.length);
    }
    for (int i = 0; i < tensors.length; i++) {
      if (request.wants(i)) {
        total += measure(request, i);
      }
    }
    this.size = total;
  }

  private long measure(PredictRequest request, int i) {
    Tensor tensor = form.output(request, i);
    tensors[i] = tensor;
    RegionView region = form.wishes().region(i);
    if (region != null) {
      long unused = form.writeToRegion(tensor, i, region, request);
    }
    return ProtoEncoder.fieldSize(OUTPUTS, outputSize(i, tensor))
        + ProtoEncoder.fieldSize(RAW_OUTPUT_CONTENTS, rawSize(i, tensor));
  }

  private long rawSize(int i, Tensor tensor) {
    return form.wishes().region(i) != null ? 0 : RawTensors.size(tensor);
  }

  private byte[] head(int i) {
    return form.plan().outputHead(i, form.wishes().classes(i) > 0);
  }

  private long outputSize(int i, Tensor tensor) {
    return head(i).length + shapeSize(tensor.shape());
  }

  private static long shapeSize(Shape shape) {
    return shape.rank() == 0 ? 0 : ProtoEncoder.fieldSize(SHAPE, dimsSize(shape));
  }

  private static long dimsSize(Shape shape) {
    long dims = 0;
    for (int d = 0; d < shape.rank(); d++) {
      dims += ProtoEncoder.varintSize(shape.dim(d));
    }
    return dims;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void write(ProtoEncoder out) {
    out.raw(form.plan().messageHead());
    if (form.id().length > 0) {
      out.begin(ID, form.id().length);
      out.raw(form.id());
    }
    if (marked) {
      out.begin(PARAMETERS, FINAL.length);
      out.raw(FINAL);
    }
    for (int i = 0; i < tensors.length; i++) {
      Tensor tensor = tensors[i];
      if (tensor != null) {
        writeOutput(i, tensor, out);
      }
    }
    for (int i = 0; i < tensors.length; i++) {
      Tensor tensor = tensors[i];
      if (tensor != null) {
        out.begin(RAW_OUTPUT_CONTENTS, rawSize(i, tensor));
        if (form.wishes().region(i) == null) {
          RawTensors.write(tensor, out);
        }
      }
    }
  }

  private void writeOutput(int i, Tensor tensor, ProtoEncoder out) {
    Shape shape = tensor.shape();
    out.begin(OUTPUTS, outputSize(i, tensor));
    out.raw(head(i));
    if (shape.rank() > 0) {
      out.begin(SHAPE, dimsSize(shape));
      for (int d = 0; d < shape.rank(); d++) {
        out.varint(shape.dim(d));
      }
    }
  }
}
