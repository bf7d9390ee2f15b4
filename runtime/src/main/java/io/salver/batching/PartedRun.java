package io.salver.batching;

import io.salver.engine.Batch;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A request that is run in parts: views of its inputs go in, and what comes out is copied together.
 * All memory is the request's own. Used by one thread.
 */
final class PartedRun {
  /** Parts are not answered, the request is. */
  private static final Reply NO_REPLY =
      new Reply() {
        @Override
        public void succeeded(PredictRequest part) {}

        @Override
        public void failed(PredictRequest part, ServingException failure) {}
      };

  private final PredictRequest request;
  private final RunSizes sizes;
  private final @Nullable Tensor[] outputs;
  private final @Nullable StringTensorBuilder[] strings;

  PartedRun(PredictRequest request, RunSizes sizes) {
    this.request = request;
    this.sizes = sizes;
    int count = request.signature().outputs().size();
    this.outputs = new Tensor[count];
    this.strings = new StringTensorBuilder[count];
  }

  /** The rows of the part that begins at {@code row}. */
  long partRows(long row) {
    return Math.min(sizes.maxPartRows(), request.rows() - row);
  }

  /** The part that begins at {@code row}. */
  Batch part(long row) {
    long rows = partRows(row);
    @Nullable Tensor[] inputs = new Tensor[request.inputs().length];
    for (int i = 0; i < inputs.length; i++) {
      Tensor input = request.inputs()[i];
      inputs[i] = input == null ? null : input.rows(row, rows);
    }
    PredictRequest part =
        new PredictRequest(
            request.lease(),
            request.signature(),
            inputs,
            request.wanted(),
            request.arena(),
            request.receivedNs(),
            request.deadlineNs());
    if (sizes.padded(rows) == rows) {
      return new Batch(part.signature(), inputs, part.wanted(), part.arena(), part.deadlineNs());
    }
    Group alone = new Group();
    alone.add(part, NO_REPLY, 0);
    return Gather.of(alone, 0, 1, sizes.padded(rows), request.arena());
  }

  /** Keeps what came out of the part that begins at {@code row}. */
  void keep(Batch part, long row) {
    for (int i = 0; i < outputs.length; i++) {
      if (part.wants(i)) {
        Tensor output = part.output(i).rows(0, partRows(row));
        if (output.dtype() == DType.STRING) {
          keepStrings(i, output);
        } else {
          keepNumbers(i, output, row);
        }
      }
    }
  }

  private void keepNumbers(int i, Tensor output, long row) {
    Tensor all = outputs[i];
    if (all == null) {
      all = request.arena().allocate(output.dtype(), output.shape().withFirst(request.rows()));
      outputs[i] = all;
    }
    requireSameInner(i, all.shape(), output.shape());
    Tensor place = all.rows(row, output.shape().dim(0));
    MemorySegment.copy(output.data(), 0, place.data(), 0, place.data().byteSize());
  }

  private void keepStrings(int i, Tensor output) {
    StringTensorBuilder builder = strings[i];
    if (builder == null) {
      long expected = output.elementCount() / output.shape().dim(0) * request.rows();
      builder = new StringTensorBuilder(request.arena(), expected, output.data().byteSize());
      strings[i] = builder;
      outputs[i] = output;
    }
    Tensor first = outputs[i];
    requireSameInner(i, first == null ? output.shape() : first.shape(), output.shape());
    for (long j = 0; j < output.elementCount(); j++) {
      MemorySegment value = output.getString(j);
      builder.add(value, 0, value.byteSize());
    }
  }

  private void requireSameInner(int i, Shape first, Shape other) {
    if (first.rank() != other.rank() || !Lanes.sameInner(first, other)) {
      throw new IllegalStateException(
          "output \""
              + request.signature().outputs().get(i).name()
              + "\": "
              + other
              + " of one part (expected: "
              + first
              + " but for dimension 0, as of the first)");
    }
  }

  /** The outputs of all parts, which have been kept. */
  @Nullable Tensor[] outputs() {
    for (int i = 0; i < outputs.length; i++) {
      StringTensorBuilder builder = strings[i];
      Tensor first = outputs[i];
      if (builder != null && first != null) {
        outputs[i] = builder.build(first.shape().withFirst(request.rows()));
      }
    }
    return outputs;
  }
}
