package io.salver.engine.tflite;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** How the library is asked to run one subgraph of one interpreter. Inputs go by position. */
sealed interface GraphCalls {
  int resize(int input, long dims, int rank);

  int allocate();

  int invoke();

  /** The tensor of an input, whose place may change with {@link #allocate}. */
  long input(int position);

  /** The tensor of an output, whose place may change with {@link #allocate}. */
  long output(int position);

  void close();

  /** The main subgraph. */
  record Main(TfliteApi api, long interpreter) implements GraphCalls {
    @Override
    public int resize(int input, long dims, int rank) {
      return api.resizeInput(interpreter, input, dims, rank);
    }

    @Override
    public int allocate() {
      return api.allocateTensors(interpreter);
    }

    @Override
    public int invoke() {
      return api.invoke(interpreter);
    }

    @Override
    public long input(int position) {
      return api.input(interpreter, position);
    }

    @Override
    public long output(int position) {
      return api.output(interpreter, position);
    }

    @Override
    public void close() {}
  }

  /**
   * Another subgraph, by a signature of it.
   *
   * @param inputs names by position
   * @param outputs names by position
   */
  record BySignature(
      TfliteApi api,
      long runner,
      Arena arena,
      List<MemorySegment> inputs,
      List<MemorySegment> outputs)
      implements GraphCalls {
    @Override
    public int resize(int input, long dims, int rank) {
      return api.resizeRunnerInput(runner, inputs.get(input), dims, rank);
    }

    @Override
    public int allocate() {
      return api.allocateRunnerTensors(runner);
    }

    @Override
    public int invoke() {
      return api.invokeRunner(runner);
    }

    @Override
    public long input(int position) {
      return api.runnerInput(runner, inputs.get(position));
    }

    @Override
    public long output(int position) {
      return api.runnerOutput(runner, outputs.get(position));
    }

    @Override
    public void close() {
      api.deleteRunner(runner);
      arena.close();
    }
  }
}
