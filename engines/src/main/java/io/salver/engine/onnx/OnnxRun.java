package io.salver.engine.onnx;

import io.salver.engine.Batch;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * One run of a session. Inputs are wrapped where they lie. An output whose shape is known before,
 * if it is not large, is written by the runtime straight into the batch's memory; of any other the
 * batch gets the runtime's own memory, released with the batch's arena.
 *
 * <p>The C arrays for the call, names and values of inputs and outputs, lie side by side in one
 * piece of the batch's memory.
 */
final class OnnxRun {
  private static final int MIN_DIMS = 8;

  /**
   * A larger output is left to the runtime, which keeps its memory for the next run: that of an
   * arena of this size goes back to the system, and costs four times as much to touch anew.
   */
  private static final long MAX_ARENA_OUTPUT_BYTES = 2 << 20;

  private final OrtRuntime runtime;
  private final OrtApi api;
  private final long session;
  private final RunPlan plan;
  private final Batch batch;
  private final boolean intoArena;

  private final int[] slots;
  private final @Nullable Tensor[] taken;
  private final MemorySegment scratch;
  private final long inputNames;
  private final long inputValues;
  private final long outputNames;
  private final long outputValues;
  private final long dims;
  private @Nullable ValueReader reader;

  OnnxRun(OrtRuntime runtime, long session, RunPlan plan, Batch batch, boolean intoArena) {
    this.runtime = runtime;
    this.api = runtime.api();
    this.session = session;
    this.plan = plan;
    this.batch = batch;
    this.intoArena = intoArena;
    this.slots = plan.slots(batch);
    this.taken = new Tensor[slots.length];
    this.inputNames = 0;
    this.inputValues = (long) plan.inputCount() * Long.BYTES;
    this.outputNames = 2 * inputValues;
    this.outputValues = outputNames + (long) slots.length * Long.BYTES;
    this.dims = outputValues + (long) slots.length * Long.BYTES;
    this.scratch = batch.arena().allocate(dims + (long) maxRank() * Long.BYTES);
  }

  private int maxRank() {
    int rank = MIN_DIMS;
    for (int i = 0; i < plan.inputCount(); i++) {
      rank = Math.max(rank, input(i).shape().rank());
    }
    for (int slot : slots) {
      if (plan.slot(slot).type() instanceof OnnxType.OfTensor tensor) {
        rank = Math.max(rank, tensor.shape().rank());
      }
    }
    return rank;
  }

  /** Whether a run failed because an output has another shape than it was declared to have. */
  static boolean isAboutOutputShape(OrtException e) {
    String message = e.getMessage();
    return message.contains("pre-allocated")
        || message.contains("verification failed")
        || message.contains("mismatch");
  }

  /**
   * Runs the session and sets the batch's outputs.
   *
   * @throws OrtException if the runtime refuses
   */
  void run() {
    for (long at = inputNames; at < dims; at += Long.BYTES) {
      set(at, 0);
    }
    try {
      for (int i = 0; i < plan.inputCount(); i++) {
        makeInput(i);
      }
      int known = 0;
      for (int at = 0; at < slots.length; at++) {
        set(outputNames + (long) at * Long.BYTES, plan.slot(slots[at]).namePointer());
        known += intoArena && makeOutput(at) ? 1 : 0;
      }
      api.run(
          session,
          address(inputNames),
          address(inputValues),
          plan.inputCount(),
          address(outputNames),
          slots.length,
          address(outputValues),
          slots.length - known);
      takeOutputs();
    } finally {
      releaseValues(inputValues, plan.inputCount());
      releaseValues(outputValues, slots.length);
    }
  }

  private Tensor input(int i) {
    Tensor tensor = batch.input(i);
    if (tensor == null) {
      throw ServingException.invalid(
          "input \"" + plan.input(i).name() + "\": missing (expected: a tensor)");
    }
    return tensor;
  }

  private void makeInput(int i) {
    Tensor tensor = input(i);
    Shape shape = tensor.shape();
    checkShape(i, shape);
    set(inputNames + (long) i * Long.BYTES, plan.input(i).namePointer());
    setDims(shape);
    long out = inputValues + (long) i * Long.BYTES;
    if (tensor.dtype() == DType.STRING) {
      makeStrings(tensor, out);
    } else {
      wrap(tensor, out);
    }
  }

  private void checkShape(int i, Shape actual) {
    if (plan.input(i).type() instanceof OnnxType.OfTensor declared
        && declared.shape().rank() > 0
        && !declared.shape().accepts(actual)) {
      throw ServingException.invalid(
          "input \""
              + plan.input(i).name()
              + "\": shape "
              + actual
              + " (expected: "
              + declared.shape()
              + ")");
    }
  }

  private void makeStrings(Tensor tensor, long out) {
    int type = OrtTypes.elementType(DType.STRING);
    api.createOwnTensor(
        runtime.allocator(), address(dims), tensor.shape().rank(), type, address(out));
    long value = get(out);
    MemorySegment offsets = tensor.offsets();
    long from = offsets.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    for (long i = 0; i < tensor.elementCount(); i++) {
      long to = offsets.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i + 1);
      if (to > from) {
        api.resizedStringElement(value, i, to - from, address(dims));
        MemorySegment.copy(tensor.data(), from, OrtApi.MEMORY, get(dims), to - from);
      }
      from = to;
    }
  }

  /** Makes a value over the memory of {@code tensor}, whose dimensions have been set. */
  private void wrap(Tensor tensor, long out) {
    MemorySegment data = tensor.data();
    if (!data.isNative()) {
      throw new IllegalArgumentException("tensor: " + tensor + " on the heap (expected: native)");
    }
    api.createTensor(
        runtime.memoryInfo(),
        data.address(),
        data.byteSize(),
        address(dims),
        tensor.shape().rank(),
        OrtTypes.elementType(tensor.dtype()),
        address(out));
  }

  private boolean makeOutput(int at) {
    ShapeRule rule = plan.rule(slots[at]);
    if (rule == null) {
      return false;
    }
    Shape shape = rule.shape(batch);
    if (Tensor.sizeBytes(rule.dtype(), shape) > MAX_ARENA_OUTPUT_BYTES) {
      return false;
    }
    Tensor tensor = batch.arena().allocate(rule.dtype(), shape);
    setDims(tensor.shape());
    wrap(tensor, outputValues + (long) at * Long.BYTES);
    taken[at] = tensor;
    return true;
  }

  private void takeOutputs() {
    for (int i = 0; i < plan.outputCount(); i++) {
      if (batch.wants(i)) {
        int at = positionOf(plan.slotOfOutput(i));
        Tensor known = taken[at];
        batch.setOutput(i, known != null ? known : take(at, plan.isLabels(i)));
      }
    }
  }

  private int positionOf(int slot) {
    int at = 0;
    while (slots[at] != slot) {
      at++;
    }
    return at;
  }

  private Tensor take(int at, boolean labels) {
    long value = get(outputValues + (long) at * Long.BYTES);
    Port port = plan.slot(slots[at]);
    return switch (port.type()) {
      case OnnxType.OfTensor tensor -> takeTensor(at, value, tensor.dtype());
      case OnnxType.OfTensorSequence sequence -> collection(port).stacked(value, sequence);
      case OnnxType.OfMap map ->
          labels ? collection(port).labels(value, map) : collection(port).values(value, map);
    };
  }

  private Tensor takeTensor(int at, long value, DType dtype) {
    Tensor tensor;
    if (dtype == DType.STRING) {
      tensor = reader().strings(value);
    } else {
      tensor = reader().view(value, dtype);
      set(outputValues + (long) at * Long.BYTES, 0);
      OrtApi releaser = api;
      batch.arena().onClose(() -> releaser.releaseValue(value));
    }
    taken[at] = tensor;
    return tensor;
  }

  private CollectionReader collection(Port port) {
    return new CollectionReader(runtime, reader(), batch.arena(), port.name());
  }

  private ValueReader reader() {
    ValueReader existing = reader;
    if (existing == null) {
      existing = new ValueReader(api, batch.arena());
      reader = existing;
    }
    return existing;
  }

  private void releaseValues(long from, int count) {
    for (long at = from; at < from + (long) count * Long.BYTES; at += Long.BYTES) {
      long value = get(at);
      if (value != 0) {
        api.releaseValue(value);
      }
    }
  }

  private void setDims(Shape shape) {
    for (int i = 0; i < shape.rank(); i++) {
      set(dims + (long) i * Long.BYTES, shape.dim(i));
    }
  }

  private long address(long at) {
    return scratch.address() + at;
  }

  private long get(long at) {
    return scratch.get(ValueLayout.JAVA_LONG, at);
  }

  private void set(long at, long value) {
    scratch.set(ValueLayout.JAVA_LONG, at, value);
  }
}
