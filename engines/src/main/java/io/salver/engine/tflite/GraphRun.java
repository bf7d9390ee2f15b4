package io.salver.engine.tflite;

import io.salver.engine.Batch;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A subgraph of one interpreter: it keeps the shapes of its last run, and the memory for them.
 *
 * <p>Used by one thread at a time. A run that leaves it not {@link #isAllocated} was its last.
 */
final class GraphRun {
  /** What one interpreter may take for the tensors of one run. */
  static final long MAX_WORKING_BYTES = 4L << 30;

  private static final int MAX_RANK = 8;

  private final TfliteApi api;
  private final GraphPorts ports;
  private final GraphCalls calls;
  private final ErrorLog log;
  private final Shape[] shapes;
  private boolean allocated;
  private long workingBytes;

  GraphRun(TfliteApi api, GraphPorts ports, GraphCalls calls, ErrorLog log) {
    this.api = api;
    this.ports = ports;
    this.calls = calls;
    this.log = log;
    this.shapes = new Shape[ports.inputs().size()];
    for (int i = 0; i < shapes.length; i++) {
      shapes[i] = ports.inputs().get(i).tensor().shape();
    }
    this.workingBytes = ports.workingBytes();
  }

  /** About what its tensors take for the last shapes, as if none shared memory. */
  long workingBytes() {
    return workingBytes;
  }

  /**
   * Plans the memory for the present shapes.
   *
   * @return whether the library could
   */
  boolean allocate() {
    allocated = calls.allocate() == TfliteApi.OK;
    return allocated;
  }

  /** Whether the library finds the tensors of all inputs and of all outputs that have names. */
  boolean hasTensors() {
    boolean found = true;
    for (int i = 0; i < shapes.length; i++) {
      found &= calls.input(i) != 0;
    }
    for (int i = 0; i < ports.outputs().size(); i++) {
      found &= ports.outputs().get(i).isEmpty() || calls.output(i) != 0;
    }
    return found;
  }

  /** Whether its memory is planned: if not, a run has failed to. */
  boolean isAllocated() {
    return allocated;
  }

  /** Whether its memory is planned for just these inputs. */
  boolean isReadyFor(Call call, Shape[] wanted) {
    boolean ready = allocated;
    for (int i = 0; ready && i < wanted.length; i++) {
      ready = wanted[i].equals(shapes[call.inputs()[i]]);
    }
    return ready;
  }

  /** The tensor of output {@code i}. */
  long output(int i) {
    return calls.output(i);
  }

  /**
   * The shapes that the inputs of {@code batch} will have in the library.
   *
   * @throws ServingException if an input is missing, does not take its shape, or would take too
   *     much memory
   */
  static Shape[] shapes(GraphPorts ports, Call call, Batch batch) {
    Shape[] shapes = new Shape[call.inputs().length];
    for (int i = 0; i < shapes.length; i++) {
      InputPort port = ports.inputs().get(call.inputs()[i]);
      shapes[i] = port.effective(input(batch, i).shape());
      double needed = port.growth(shapes[i]) * ports.workingBytes();
      if (needed > MAX_WORKING_BYTES) {
        throw ServingException.invalid(
            "input \"%s\": shape %s needs about %.0f bytes for the model's tensors (expected: <= %d)"
                .formatted(port.name(), shapes[i], needed, MAX_WORKING_BYTES));
      }
    }
    return shapes;
  }

  private static Tensor input(Batch batch, int i) {
    Tensor tensor = batch.input(i);
    if (tensor == null) {
      throw ServingException.invalid(
          "input \"%s\": missing (expected: a tensor)"
              .formatted(batch.signature().inputs().get(i).name()));
    }
    return tensor;
  }

  /** Copies the inputs, runs, and copies the outputs that are wanted. */
  void run(Call call, Batch batch, Shape[] wanted) {
    if (!isReadyFor(call, wanted)) {
      reshape(call, batch, wanted);
    }
    for (int i = 0; i < wanted.length; i++) {
      write(calls.input(call.inputs()[i]), input(batch, i), call.inputs()[i]);
    }
    if (calls.invoke() != TfliteApi.OK) {
      throw ServingException.invalid("TensorFlow Lite: cannot run: " + log.take());
    }
    for (int i = 0; i < call.outputs().length; i++) {
      if (batch.wants(i)) {
        batch.setOutput(i, read(call, i, batch));
      }
    }
  }

  private void reshape(Call call, Batch batch, Shape[] wanted) {
    allocated = false;
    MemorySegment dims = batch.arena().allocate((long) MAX_RANK * Integer.BYTES);
    double growth = 1;
    for (int i = 0; i < wanted.length; i++) {
      int position = call.inputs()[i];
      growth = Math.max(growth, ports.inputs().get(position).growth(wanted[i]));
      if (!wanted[i].equals(shapes[position])) {
        resize(position, wanted[i], dims);
      }
    }
    if (!allocate()) {
      throw ServingException.invalid(
          "TensorFlow Lite: input shapes %s: %s".formatted(Arrays.toString(wanted), log.take()));
    }
    workingBytes = (long) (growth * ports.workingBytes());
  }

  private void resize(int position, Shape shape, MemorySegment dims) {
    if (shape.rank() > MAX_RANK) {
      throw ServingException.invalid(
          "input \"%s\": shape %s (expected: at most %d dimensions)"
              .formatted(ports.inputs().get(position).name(), shape, MAX_RANK));
    }
    for (int d = 0; d < shape.rank(); d++) {
      dims.setAtIndex(ValueLayout.JAVA_INT, d, (int) shape.dim(d));
    }
    if (calls.resize(position, dims.address(), shape.rank()) != TfliteApi.OK) {
      throw ServingException.invalid(
          "input \"%s\": shape %s: TensorFlow Lite: %s"
              .formatted(ports.inputs().get(position).name(), shape, log.take()));
    }
    shapes[position] = shape;
  }

  private void write(long to, Tensor tensor, int position) {
    long size = tensor.data().byteSize();
    boolean strings = tensor.dtype() == DType.STRING;
    if (strings) {
      size = StringContent.sizeBytes(tensor);
      if (size > Integer.MAX_VALUE) {
        throw ServingException.invalid(
            "input \"%s\": %d bytes (expected: below 2^31)"
                .formatted(ports.inputs().get(position).name(), size));
      }
      if (api.reallocate(to, size) != TfliteApi.OK) {
        throw failed("no memory for " + size + " bytes of strings");
      }
    }
    if (api.sizeBytes(to) != size || (api.data(to) == 0 && size > 0)) {
      throw failed(
          "input \"%s\" takes %d bytes (expected: %d for %s)"
              .formatted(ports.inputs().get(position).name(), api.sizeBytes(to), size, tensor));
    }
    MemorySegment target = TfliteApi.MEMORY.asSlice(api.data(to), size);
    if (strings) {
      StringContent.write(tensor, target);
    } else {
      target.copyFrom(tensor.data());
    }
  }

  private Tensor read(Call call, int i, Batch batch) {
    long tensor = calls.output(call.outputs()[i]);
    String name = call.signature().outputs().get(i).name();
    DType dtype = call.signature().outputs().get(i).dtype();
    Shape shape = shape(api, tensor);
    long size = api.sizeBytes(tensor);
    boolean sound = dtype == DType.STRING || Tensor.sizeBytes(dtype, shape) == size;
    if (!sound || (api.data(tensor) == 0 && size > 0)) {
      throw failed(
          "output \"%s\" has %d bytes (expected: those of %s%s)"
              .formatted(name, size, dtype, shape));
    }
    MemorySegment content = TfliteApi.MEMORY.asSlice(api.data(tensor), size);
    if (dtype == DType.STRING) {
      try {
        return StringContent.read(name, content, shape, batch.arena());
      } catch (BrokenModelException e) {
        throw failed("output " + e.getMessage());
      }
    }
    Tensor copy = batch.arena().allocate(dtype, shape);
    copy.data().copyFrom(content);
    return copy;
  }

  /** The shape that a tensor has now. */
  static Shape shape(TfliteApi api, long tensor) {
    long[] dims = new long[Math.max(0, api.rank(tensor))];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = api.dim(tensor, i);
    }
    return Shape.of(dims);
  }

  private static ServingException failed(String message) {
    return new ServingException(Category.INTERNAL, "TensorFlow Lite: " + message);
  }

  void close() {
    calls.close();
  }
}
