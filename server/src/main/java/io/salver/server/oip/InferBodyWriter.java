package io.salver.server.oip;

import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.json.JsonTensorWriter;
import io.salver.server.json.JsonWriter;
import io.salver.server.sharedmemory.RegionView;
import io.salver.tensor.Tensor;
import io.salver.wire.ProtoEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes the answer to one request to {@code /infer}: first the JSON, then, into memory of {@link
 * #binarySize}, the outputs in binary form. Used by one thread, once.
 */
final class InferBodyWriter {
  private final PredictRequest request;
  private final ReplyForm form;
  private final @Nullable Tensor[] binary;
  private long binarySize;

  InferBodyWriter(PredictRequest request, ReplyForm form) {
    this.request = request;
    this.form = form;
    this.binary = new Tensor[request.signature().outputs().size()];
  }

  /** Appends the JSON, and writes to shared memory what is to be written there. */
  void writeJson(JsonWriter out) {
    out.raw('{');
    if (form.id().length > 0) {
      out.raw("\"id\":").string(new String(form.id(), StandardCharsets.UTF_8)).raw(',');
    }
    out.raw(form.plan().jsonHead()).raw(",\"outputs\":[");
    boolean first = true;
    for (int i = 0; i < binary.length; i++) {
      if (request.wants(i)) {
        if (!first) {
          out.raw(',');
        }
        first = false;
        writeOutput(i, out);
      }
    }
    out.raw("]}");
  }

  private void writeOutput(int i, JsonWriter out) {
    Tensor tensor = form.output(request, i);
    out.raw(form.plan().jsonOutputHead(i, form.wishes().classes(i) > 0));
    JsonLists.dims(tensor.shape(), out);
    RegionView region = form.wishes().region(i);
    if (region != null) {
      long size = form.writeToRegion(tensor, i, region, request);
      out.raw(",\"parameters\":{\"shared_memory_region\":").string(region.region());
      out.raw(",\"shared_memory_byte_size\":").value(size).raw("}}");
    } else if (form.wishes().isBinary(i)) {
      long size = RawTensors.size(tensor);
      binary[i] = tensor;
      binarySize += size;
      out.raw(",\"parameters\":{\"binary_data_size\":").value(size).raw("}}");
    } else {
      out.raw(",\"data\":[");
      writeElements(tensor, i, out);
      out.raw("]}");
    }
  }

  private void writeElements(Tensor tensor, int i, JsonWriter out) {
    switch (tensor.dtype()) {
      case FLOAT16, BFLOAT16, COMPLEX64, COMPLEX128 ->
          throw ServingException.invalid(
              "sending "
                  + Datatypes.name(tensor.dtype())
                  + " data via JSON is not supported. Please use the binary data format for output "
                  + form.plan().signature().outputs().get(i).name());
      default -> JsonTensorWriter.writeElements(tensor, 0, tensor.elementCount(), false, out);
    }
  }

  /** The bytes of all outputs in binary form; known once the JSON is written. */
  long binarySize() {
    return binarySize;
  }

  /** Writes the outputs in binary form. */
  void writeBinary(ProtoEncoder out) {
    for (Tensor tensor : binary) {
      if (tensor != null) {
        RawTensors.write(tensor, out);
      }
    }
  }
}
