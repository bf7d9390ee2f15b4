package io.salver.server.tfserving;

import io.salver.predict.PredictRequest;
import io.salver.tensor.Tensor;
import io.salver.wire.ProtoEncoder;
import io.salver.wire.ProtoWriter;
import java.lang.foreign.MemorySegment;

/**
 * Writes one answered request as a {@code PredictionLog}: whatever way it came, as the predict
 * request and response that it amounts to. Used by one thread, once.
 */
final class PredictLogWriter {
  private static final int LOG_METADATA = 1;
  private static final int PREDICT_LOG = 6;
  private static final int REQUEST = 1;
  private static final int RESPONSE = 2;
  private static final int REQUEST_SPEC = 1;
  private static final int INPUTS = 2;
  private static final int KEY = 1;
  private static final int VALUE = 2;

  private final PredictRequest request;
  private final SignaturePlan plan;
  private final PredictMessageWriter response;
  private final byte[] metadata;
  private final long[] payloadSizes;

  /**
   * A writer.
   *
   * @param samplingRate the part of the model's requests that is logged
   * @param epochSeconds when it was answered
   */
  PredictLogWriter(PredictRequest request, double samplingRate, long epochSeconds) {
    this.request = request;
    this.plan = new SignaturePlan(request.lease().version(), request.signature());
    this.response = new PredictMessageWriter(request, plan, false);
    this.metadata =
        new ProtoWriter()
            .bytes(1, plan.modelSpec())
            .message(2, new ProtoWriter().float64(1, samplingRate))
            .int64(4, epochSeconds)
            .toByteArray();
    this.payloadSizes = new long[request.inputs().length];
    for (int i = 0; i < payloadSizes.length; i++) {
      Tensor input = request.inputs()[i];
      payloadSizes[i] = input == null ? 0 : TensorProtoWriter.payloadSize(input, false);
    }
  }

  /** The bytes of the message. */
  long size() {
    return ProtoEncoder.fieldSize(LOG_METADATA, metadata.length)
        + ProtoEncoder.fieldSize(PREDICT_LOG, logSize());
  }

  /** The message. */
  byte[] toByteArray() {
    byte[] bytes = new byte[Math.toIntExact(size())];
    ProtoEncoder out = new ProtoEncoder(MemorySegment.ofArray(bytes));
    out.begin(LOG_METADATA, metadata.length);
    out.raw(metadata);
    out.begin(PREDICT_LOG, logSize());
    out.begin(REQUEST, requestSize());
    writeRequest(out);
    out.begin(RESPONSE, response.size());
    response.write(out);
    return bytes;
  }

  private long logSize() {
    return ProtoEncoder.fieldSize(REQUEST, requestSize())
        + ProtoEncoder.fieldSize(RESPONSE, response.size());
  }

  private long requestSize() {
    long size = ProtoEncoder.fieldSize(REQUEST_SPEC, plan.modelSpec().length);
    for (int i = 0; i < payloadSizes.length; i++) {
      Tensor input = request.inputs()[i];
      size += input == null ? 0 : ProtoEncoder.fieldSize(INPUTS, entrySize(input, i));
    }
    return size;
  }

  private long entrySize(Tensor input, int i) {
    return ProtoEncoder.fieldSize(KEY, plan.inputs().get(i).length)
        + ProtoEncoder.fieldSize(VALUE, TensorProtoWriter.size(input, payloadSizes[i], false));
  }

  private void writeRequest(ProtoEncoder out) {
    out.begin(REQUEST_SPEC, plan.modelSpec().length);
    out.raw(plan.modelSpec());
    for (int i = 0; i < payloadSizes.length; i++) {
      Tensor input = request.inputs()[i];
      if (input != null) {
        out.begin(INPUTS, entrySize(input, i));
        out.begin(KEY, plan.inputs().get(i).length);
        out.raw(plan.inputs().get(i));
        out.begin(VALUE, TensorProtoWriter.size(input, payloadSizes[i], false));
        TensorProtoWriter.write(input, payloadSizes[i], false, out);
      }
    }
  }
}
