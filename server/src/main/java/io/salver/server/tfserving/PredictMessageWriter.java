package io.salver.server.tfserving;

import io.salver.predict.PredictRequest;
import io.salver.server.inference.GrpcMessages;
import io.salver.tensor.Tensor;
import io.salver.wire.ProtoEncoder;

/**
 * Writes the {@code PredictResponse} of one answered request: first its size, then, into memory of
 * that size, the message. Used by one thread, once.
 */
final class PredictMessageWriter implements GrpcMessages.Answer {
  private static final int OUTPUTS = 1;
  private static final int MODEL_SPEC = 2;
  private static final int KEY = 1;
  private static final int VALUE = 2;

  private final PredictRequest request;
  private final SignaturePlan plan;
  private final boolean asContent;
  private final long[] payloadSizes;
  private final long size;

  PredictMessageWriter(PredictRequest request, SignaturePlan plan, boolean asContent) {
    this.request = request;
    this.plan = plan;
    this.asContent = asContent;
    this.payloadSizes = new long[plan.signature().outputs().size()];
    this.size = measure();
  }

  private long measure() {
    long total = ProtoEncoder.fieldSize(MODEL_SPEC, plan.modelSpec().length);
    for (int i = 0; i < payloadSizes.length; i++) {
      if (request.wants(i)) {
        payloadSizes[i] = TensorProtoWriter.payloadSize(request.output(i), asContent);
        total += ProtoEncoder.fieldSize(OUTPUTS, entrySize(i));
      }
    }
    return total;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void write(ProtoEncoder out) {
    for (int i = 0; i < payloadSizes.length; i++) {
      if (request.wants(i)) {
        writeEntry(i, out);
      }
    }
    out.begin(MODEL_SPEC, plan.modelSpec().length);
    out.raw(plan.modelSpec());
  }

  private long entrySize(int i) {
    return ProtoEncoder.fieldSize(KEY, plan.outputs().get(i).length)
        + ProtoEncoder.fieldSize(VALUE, tensorSize(i));
  }

  private long tensorSize(int i) {
    return TensorProtoWriter.size(request.output(i), payloadSizes[i], asContent);
  }

  private void writeEntry(int i, ProtoEncoder out) {
    Tensor output = request.output(i);
    byte[] name = plan.outputs().get(i);
    out.begin(OUTPUTS, entrySize(i));
    out.begin(KEY, name.length);
    out.raw(name);
    out.begin(VALUE, tensorSize(i));
    TensorProtoWriter.write(output, payloadSizes[i], asContent, out);
  }
}
