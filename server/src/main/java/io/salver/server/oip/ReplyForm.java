package io.salver.server.oip;

import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.sharedmemory.RegionView;
import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import io.salver.wire.ProtoEncoder;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What of a request is needed to answer it.
 *
 * @param id the request's own, in UTF-8; empty if it has none
 * @param marksFinal whether the last answer to it is to be marked
 */
@SuppressWarnings("ArrayRecordComponent")
record ReplyForm(
    InferPlan plan, byte[] id, OutputWishes wishes, boolean marksFinal, OutputLabels labels) {
  static final byte[] NO_ID = {};

  /** Output {@code i} as it is to be sent. */
  Tensor output(PredictRequest request, int i) {
    Tensor output = request.output(i);
    long classes = wishes.classes(i);
    if (classes == 0) {
      return output;
    }
    String name = plan.signature().outputs().get(i).name();
    List<String> names = labels.of(request.lease(), plan.signature(), name);
    return Classification.of(output, name, classes, names, request.arena());
  }

  /**
   * Writes an output to the shared memory that was asked for.
   *
   * @return how many bytes
   */
  long writeToRegion(Tensor output, int i, RegionView region, PredictRequest request) {
    long size = RawTensors.size(output);
    if (size > region.sizeBytes()) {
      throw ServingException.invalid(
          "shared memory size specified with the request for output '"
              + plan.signature().outputs().get(i).name()
              + "' ("
              + region.sizeBytes()
              + " bytes) should be at least "
              + size
              + " bytes to hold the results");
    }
    if (output.dtype() == DType.STRING) {
      MemorySegment raw = request.arena().allocate(size);
      RawTensors.write(output, new ProtoEncoder(raw));
      region.write(raw);
    } else {
      region.write(output.data());
    }
    return size;
  }
}
