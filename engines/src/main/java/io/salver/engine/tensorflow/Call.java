package io.salver.engine.tensorflow;

import io.salver.engine.Batch;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A signature made ready to be called: names resolved to operations. Immutable and thread-safe.
 *
 * <p>What a call needs besides its tensors, the frame, lies in the batch's arena, so that a call
 * allocates nothing on the heap but the output tensors. Memory is shared with TensorFlow where
 * {@link Sharing} allows it and the tensor is large enough that a copy costs more than the
 * bookkeeping: an output that is shared is given back when the arena is closed.
 */
final class Call {
  /** A tensor of fewer bytes is copied; so much costs about as much as a call into C. */
  private static final long SHARED_FROM_BYTES = 4096;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  /**
   * An input.
   *
   * @param type TensorFlow's number of {@code dtype}
   * @param defaultTensor what to feed when it is left out; 0 if it may not be
   */
  record Feed(String name, long operation, int index, DType dtype, int type, long defaultTensor) {}

  /** An output. */
  record Fetch(long operation, int index, DType dtype) {}

  private final Feed[] feeds;
  private final Fetch[] fetches;
  private final Sharing sharing;

  Call(List<Feed> feeds, List<Fetch> fetches, Sharing sharing) {
    this.feeds = feeds.toArray(Feed[]::new);
    this.fetches = fetches.toArray(Fetch[]::new);
    this.sharing = sharing;
  }

  /** Runs the batch in {@code session} and sets its outputs. */
  void run(long session, Batch batch) {
    Frame frame = new Frame(batch);
    long status = CApi.newStatus();
    try {
      frame.feedInputs();
      frame.nameOutputs();
      frame.run(session, status);
      if (CApi.code(status) != 0) {
        throw TensorFlowErrors.ofRun(status);
      }
      frame.takeOutputs();
    } finally {
      frame.release();
      CApi.deleteStatus(status);
    }
  }

  /** The native arrays of one call. Used once, by one thread. */
  private final class Frame {
    private final Batch batch;
    private final MemorySegment memory;
    private final long inputTensors;
    private final long outputs;
    private final long outputTensors;
    private final long dims;
    private int outputCount;

    Frame(Batch batch) {
      this.batch = batch;
      this.inputTensors = CApi.OUTPUT_BYTES * feeds.length;
      this.outputs = inputTensors + Long.BYTES * feeds.length;
      this.outputTensors = outputs + CApi.OUTPUT_BYTES * fetches.length;
      this.dims = outputTensors + Long.BYTES * fetches.length;
      this.memory = batch.arena().allocate(dims + Long.BYTES * maxRank());
      memory.fill((byte) 0);
    }

    private long maxRank() {
      int rank = 0;
      for (int i = 0; i < feeds.length; i++) {
        Tensor input = batch.input(i);
        rank = input == null ? rank : Math.max(rank, input.shape().rank());
      }
      return rank;
    }

    void feedInputs() {
      for (int i = 0; i < feeds.length; i++) {
        Feed feed = feeds[i];
        memory.set(LONG, CApi.OUTPUT_BYTES * i, feed.operation);
        memory.set(INT, CApi.OUTPUT_BYTES * i + CApi.OUTPUT_INDEX_OFFSET, feed.index);
        memory.set(LONG, inputTensors + Long.BYTES * i, tensor(feed, batch.input(i)));
      }
    }

    private long tensor(Feed feed, @Nullable Tensor input) {
      if (input == null) {
        if (feed.defaultTensor == 0) {
          throw ServingException.invalid("input: \"" + feed.name + "\" is missing");
        }
        return feed.defaultTensor;
      }
      if (input.dtype() != feed.dtype) {
        throw ServingException.invalid(
            "input: \"" + feed.name + "\" is " + input + " (expected: " + feed.dtype + ")");
      }
      if (feed.dtype == DType.STRING) {
        return stringTensor(input);
      }
      return numericTensor(feed.type, input);
    }

    private long numericTensor(int type, Tensor input) {
      MemorySegment data = input.data();
      MemorySegment shape = writeDims(input.shape());
      int rank = input.shape().rank();
      if (sharing.inputs() && data.byteSize() >= SHARED_FROM_BYTES && data.isNative()) {
        return CApi.newTensor(type, shape, rank, data.address(), data.byteSize());
      }
      long tensor = CApi.allocateTensor(type, shape, rank, data.byteSize());
      MemorySegment.copy(data, 0, CApi.MEMORY, CApi.tensorData(tensor), data.byteSize());
      return tensor;
    }

    private long stringTensor(Tensor input) {
      if (!sharing.inputs() || !input.data().isNative()) {
        return TensorProtos.read(Strings.toProto(input));
      }
      MemorySegment elements = batch.arena().allocate(input.elementCount() * Strings.ELEMENT_BYTES);
      Strings.write(input, elements);
      return CApi.newTensor(
          TensorFlowTypes.STRING,
          writeDims(input.shape()),
          input.shape().rank(),
          elements.address(),
          elements.byteSize());
    }

    private MemorySegment writeDims(Shape shape) {
      for (int d = 0; d < shape.rank(); d++) {
        memory.set(LONG, dims + Long.BYTES * d, shape.dim(d));
      }
      return memory.asSlice(dims);
    }

    void nameOutputs() {
      for (int i = 0; i < fetches.length; i++) {
        if (batch.wants(i)) {
          long at = outputs + CApi.OUTPUT_BYTES * outputCount++;
          memory.set(LONG, at, fetches[i].operation);
          memory.set(INT, at + CApi.OUTPUT_INDEX_OFFSET, fetches[i].index);
        }
      }
    }

    void run(long session, long status) {
      long address = memory.address();
      CApi.run(
          session,
          address,
          address + inputTensors,
          feeds.length,
          address + outputs,
          address + outputTensors,
          outputCount,
          status);
    }

    void takeOutputs() {
      int taken = 0;
      for (int i = 0; i < fetches.length; i++) {
        if (batch.wants(i)) {
          batch.setOutput(i, takeOutput(fetches[i].dtype, outputTensors + Long.BYTES * taken++));
        }
      }
    }

    private Tensor takeOutput(DType dtype, long slot) {
      long tensor = memory.get(LONG, slot);
      Shape shape = shape(tensor);
      long address = CApi.tensorData(tensor);
      TensorArena arena = batch.arena();
      if (dtype == DType.STRING) {
        return Strings.read(address, shape, arena);
      }
      long bytes = Tensor.sizeBytes(dtype, shape);
      if (sharing.outputs() && bytes >= SHARED_FROM_BYTES) {
        arena.onClose(() -> CApi.deleteTensor(tensor));
        memory.set(LONG, slot, 0L);
        return Tensor.of(dtype, shape, MemorySegment.ofAddress(address).reinterpret(bytes));
      }
      Tensor copy = arena.allocate(dtype, shape);
      MemorySegment.copy(CApi.MEMORY, address, copy.data(), 0, bytes);
      return copy;
    }

    /** Gives back what was made for this call and not handed on. */
    void release() {
      for (int i = 0; i < feeds.length; i++) {
        if (batch.input(i) != null) {
          delete(inputTensors + Long.BYTES * i);
        }
      }
      for (int i = 0; i < outputCount; i++) {
        delete(outputTensors + Long.BYTES * i);
      }
    }

    private void delete(long slot) {
      long tensor = memory.get(LONG, slot);
      if (tensor != 0) {
        CApi.deleteTensor(tensor);
      }
    }
  }

  private static Shape shape(long tensor) {
    int rank = CApi.rank(tensor);
    long[] dims = new long[rank];
    for (int d = 0; d < rank; d++) {
      dims[d] = CApi.dim(tensor, d);
    }
    return Shape.of(dims);
  }
}
