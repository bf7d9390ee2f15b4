package io.salver.engine.tflite;

import io.salver.engine.Batch;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.Shape;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** The library's interpreter of a model. Used by one thread at a time. */
final class Interpreter implements AutoCloseable {
  private static final LongAdder LIVE = new LongAdder();

  private final TfliteApi api;
  private final Kernels kernels;
  private final boolean resets;
  private final ErrorLog log = new ErrorLog();
  private final List<GraphRun> graphs = new ArrayList<>();
  private long delegate;
  private long pointer;

  /** The library cannot make an interpreter of a model. */
  static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message, null, false, false);
    }

    /** The library's words; never null. */
    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }

  /**
   * An interpreter whose memory is planned for the shapes in the file.
   *
   * @param kernels what computes its operators
   * @param resets whether the model has tensors that keep their elements from run to run
   * @throws RefusedException if the library cannot make it
   */
  Interpreter(
      TfliteApi api,
      long model,
      List<GraphPorts> ports,
      int threads,
      Kernels kernels,
      boolean resets) {
    this.api = api;
    this.kernels = kernels;
    this.resets = resets;
    LIVE.increment();
    try {
      delegate = kernels.create();
      pointer = api.createInterpreter(model, threads, delegate, log);
      if (pointer == 0) {
        throw new RefusedException(log.take());
      }
      for (GraphPorts graph : ports) {
        add(graph);
      }
      log.take();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void add(GraphPorts ports) {
    GraphRun run = new GraphRun(api, ports, calls(ports), log);
    graphs.add(run);
    if (!run.allocate()) {
      throw new RefusedException(log.take());
    }
    if (!run.hasTensors()) {
      throw new RefusedException(
          "signature \"" + ports.key() + "\": the library does not know all of its names");
    }
  }

  private GraphCalls calls(GraphPorts ports) {
    if (ports.index() == 0) {
      return new GraphCalls.Main(api, pointer);
    }
    Arena arena = Arena.ofShared();
    long runner = api.createRunner(pointer, arena.allocateFrom(ports.key()));
    if (runner == 0) {
      arena.close();
      throw new RefusedException("signature \"" + ports.key() + "\": " + log.take());
    }
    return new GraphCalls.BySignature(
        api,
        runner,
        arena,
        ports.inputs().stream().map(port -> arena.allocateFrom(port.name())).toList(),
        ports.outputs().stream().map(arena::allocateFrom).toList());
  }

  /** Interpreters that were made and not closed, of all models. */
  static long live() {
    return LIVE.sum();
  }

  GraphRun graph(int i) {
    return graphs.get(i);
  }

  /** About what its tensors take, as if none shared memory. */
  long workingBytes() {
    long total = 0;
    for (GraphRun graph : graphs) {
      total += graph.workingBytes();
    }
    return total;
  }

  /** Runs {@code batch}, whose inputs will have the shapes {@code shapes}. */
  void run(Call call, Batch batch, Shape[] shapes) {
    if (resets && api.resetVariables(pointer) != TfliteApi.OK) {
      throw new ServingException(
          Category.INTERNAL, "TensorFlow Lite: cannot reset variables: " + log.take());
    }
    graphs.get(call.graph()).run(call, batch, shapes);
  }

  @Override
  public void close() {
    graphs.forEach(GraphRun::close);
    graphs.clear();
    if (pointer != 0) {
      api.deleteInterpreter(pointer);
      pointer = 0;
    }
    if (delegate != 0) {
      kernels.delete(delegate);
      delegate = 0;
    }
    log.close();
    LIVE.decrement();
  }
}
