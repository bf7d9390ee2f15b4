package io.salver.engine.process;

import io.salver.engine.Batch;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A connection that speaks Salver's own protocol, as docs/reference/worker-protocol.md says. */
final class FramedConnection implements WorkerConnection {
  private static final long MAX_DESCRIPTION_BYTES = 64 << 20;
  private static final long MAX_ERROR_BYTES = 64 << 10;
  private static final int OTHER_SIGNATURE = 0xffff;
  private static final int MAX_DROPPED = 0xffff;

  private final FrameChannel channel;
  private final SharedMemory shared;
  private final WorkerDescription description;
  private final FrameBuffer out = new FrameBuffer();
  private final AtomicBoolean closed = new AtomicBoolean();
  private int sequence;

  /** The most bytes that outputs of one run took which should have been shared. */
  private long largeOutputBytes;

  private FramedConnection(
      FrameChannel channel, SharedMemory shared, WorkerDescription description) {
    this.channel = channel;
    this.shared = shared;
    this.description = description;
  }

  /**
   * The connection over a channel that a worker has just opened, when it has introduced itself.
   *
   * @param shared closed with the connection
   */
  static FramedConnection open(FrameChannel channel, SharedMemory shared, long untilNs)
      throws BrokenWorkerException {
    FrameChannel.Header header = channel.receive(untilNs);
    if (header.type() == FrameType.ERROR) {
      throw BrokenWorkerException.garbage(
          "it cannot serve: " + error(channel, header, untilNs).getMessage());
    }
    if (header.type() != FrameType.HELLO || header.bodyBytes() > MAX_DESCRIPTION_BYTES) {
      throw BrokenWorkerException.garbage(
          "frame: %s of %d bytes (expected: HELLO of at most %d)"
              .formatted(header.type(), header.bodyBytes(), MAX_DESCRIPTION_BYTES));
    }
    FrameReader in = new FrameReader(heapBody(channel, header, untilNs));
    WorkerDescription description = Descriptions.read(in);
    in.end();
    return new FramedConnection(channel, shared, description);
  }

  private static MemorySegment heapBody(
      FrameChannel channel, FrameChannel.Header header, long untilNs) throws BrokenWorkerException {
    MemorySegment body = MemorySegment.ofArray(new byte[(int) header.bodyBytes()]);
    channel.receive(body, untilNs);
    return body;
  }

  private static ServingException error(
      FrameChannel channel, FrameChannel.Header header, long untilNs) throws BrokenWorkerException {
    if (header.bodyBytes() > MAX_ERROR_BYTES) {
      throw BrokenWorkerException.garbage(
          "error: %d bytes (expected: at most %d)".formatted(header.bodyBytes(), MAX_ERROR_BYTES));
    }
    FrameReader in = new FrameReader(heapBody(channel, header, untilNs));
    int code = in.u8("category");
    Category[] categories = Category.values();
    Category category =
        code >= 1 && code <= categories.length ? categories[code - 1] : Category.UNKNOWN;
    String message = in.string("message");
    in.end();
    return new ServingException(category, message);
  }

  @Override
  public WorkerDescription description() {
    return description;
  }

  @Override
  public void run(Batch batch, int signature, long untilNs) throws BrokenWorkerException {
    @Nullable Tensor[] inputs = new Tensor[batch.signature().inputs().size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = batch.input(i);
    }
    long sharedBytes = TensorWriter.sharedBytes(inputs);
    SharedMemory.Segment forInputs = sharedBytes == 0 ? null : shared.take(sharedBytes);
    SharedMemory.Segment forOutputs = largeOutputBytes == 0 ? null : shared.take(largeOutputBytes);
    boolean lent = false;
    try {
      writeRun(batch, signature, inputs, forInputs, forOutputs);
      channel.send(FrameType.RUN, ++sequence, out, untilNs);
      FrameChannel.Header header = answer(untilNs, FrameType.RESULT);
      opened(forInputs);
      opened(forOutputs);
      lent = readResult(batch, header, forOutputs, untilNs);
    } finally {
      giveBack(forInputs);
      if (!lent) {
        giveBack(forOutputs);
      }
    }
  }

  private static void opened(SharedMemory.@Nullable Segment segment) {
    if (segment != null) {
      segment.opened();
    }
  }

  private void giveBack(SharedMemory.@Nullable Segment segment) {
    if (segment != null) {
      shared.giveBack(segment);
    }
  }

  private void writeRun(
      Batch batch,
      int index,
      @Nullable Tensor[] inputs,
      SharedMemory.@Nullable Segment forInputs,
      SharedMemory.@Nullable Segment forOutputs) {
    out.clear();
    List<Integer> dropped = shared.takeDropped();
    out.u16(Math.min(dropped.size(), MAX_DROPPED));
    dropped.stream().limit(MAX_DROPPED).forEach(out::u32);
    out.u32(forOutputs == null ? 0 : forOutputs.id());
    out.i64(budgetUs(batch.deadlineNs()));
    Signature signature = batch.signature();
    out.u16(index < 0 ? OTHER_SIGNATURE : index);
    if (index < 0) {
      Descriptions.write(out, signature);
    }
    int outputs = signature.outputs().size();
    out.u16(outputs);
    for (int i = 0; i < outputs; i++) {
      out.u8(batch.wants(i) ? 1 : 0);
    }
    TensorWriter.write(
        out, inputs, forInputs == null ? null : new Placed(forInputs.id(), forInputs.memory()));
  }

  /** What is left until an answer is of no use, at least 1; 0 if there is no such time. */
  private static long budgetUs(long deadlineNs) {
    return deadlineNs == Long.MAX_VALUE
        ? 0
        : Math.max(1, TimeUnit.NANOSECONDS.toMicros(deadlineNs - System.nanoTime()));
  }

  /** The beginning of the answer to what was sent last. */
  private FrameChannel.Header answer(long untilNs, FrameType expected)
      throws BrokenWorkerException {
    FrameChannel.Header header = channel.receive(untilNs);
    if (header.sequence() != sequence) {
      throw BrokenWorkerException.garbage(
          "frame: %s number %d (expected: the answer to number %d)"
              .formatted(header.type(), header.sequence(), sequence));
    }
    if (header.type() == FrameType.ERROR) {
      throw error(channel, header, untilNs);
    }
    if (header.type() != expected) {
      throw BrokenWorkerException.garbage(
          "frame: %s (expected: %s or ERROR)".formatted(header.type(), expected));
    }
    return header;
  }

  /** Whether the outputs view {@code segment}, which is then given back with the batch's arena. */
  private boolean readResult(
      Batch batch, FrameChannel.Header header, SharedMemory.@Nullable Segment segment, long untilNs)
      throws BrokenWorkerException {
    MemorySegment body;
    try {
      body = batch.arena().allocate(header.bodyBytes());
    } catch (MemoryLimitException e) {
      channel.skip(header.bodyBytes(), untilNs);
      throw e;
    }
    channel.receive(body, untilNs);
    FrameReader in = new FrameReader(body);
    boolean[] lent = new boolean[1];
    @Nullable Tensor[] outputs =
        TensorReader.read(
            in,
            id -> {
              if (segment == null || segment.id() != id) {
                throw BrokenWorkerException.garbage(
                    "segment: %d (expected: %d, which was given for outputs)"
                        .formatted(id, segment == null ? 0 : segment.id()));
              }
              lent[0] = true;
              return segment.memory();
            },
            batch.arena(),
            batch.signature().outputs().size());
    in.end();
    largeOutputBytes = Math.max(largeOutputBytes, TensorWriter.sharedBytes(outputs));
    setOutputs(batch, outputs);
    if (segment != null && lent[0]) {
      batch.arena().onClose(() -> shared.giveBack(segment));
    }
    return lent[0];
  }

  private static void setOutputs(Batch batch, @Nullable Tensor[] outputs) {
    List<TensorSpec> specs = batch.signature().outputs();
    for (int i = 0; i < outputs.length; i++) {
      Tensor output = outputs[i];
      if (output != null) {
        batch.setOutput(i, output);
      }
      if (batch.wants(i)) {
        TensorSpec spec = specs.get(i);
        if (output == null
            || output.dtype() != spec.dtype()
            || !spec.shape().accepts(output.shape())) {
          throw new ServingException(
              Category.INTERNAL,
              "worker: output \"%s\": %s (expected: %s)"
                  .formatted(
                      spec.name(),
                      output == null ? "not there" : output,
                      spec.dtype().toString() + spec.shape()));
        }
      }
    }
  }

  @Override
  public void ping(long untilNs) throws BrokenWorkerException {
    channel.send(FrameType.PING, ++sequence, out.clear(), untilNs);
    FrameChannel.Header header = answer(untilNs, FrameType.PONG);
    channel.skip(header.bodyBytes(), untilNs);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      channel.close();
      shared.close();
    }
  }
}
