package io.salver.bench;

import io.salver.engine.Batch;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.torch.TorchEngine;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.TupleElements;
import org.bytedeco.pytorch.global.torch;

/**
 * The CPU time of a call of a TorchScript model that adds and subtracts 16 floats, through the
 * engine and by libtorch's Java interface alone, in turns in one thread; and what memory the calls
 * leave behind.
 */
public final class TorchCalls {
  private static final int ELEMENTS = 16;
  private static final int ROUNDS = 15;
  private static final int CALLS = 20_000;
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private TorchCalls() {}

  /** Prints the medians of the rounds, and their ratio. */
  public static void main(String[] args) throws Exception {
    Path version = Files.createTempDirectory("torch-calls");
    Path file = version.resolve("model.pt");
    try (TorchEngine engine = new TorchEngine()) {
      write(file);
      JitModule module = torch.load(file.toString());
      module.eval();
      try (LoadedModel model = engine.load(new ModelFiles(version), EngineOptions.DEFAULT)) {
        measure(model, module);
      }
    } finally {
      Files.deleteIfExists(file);
      Files.delete(version);
    }
  }

  private static void write(Path file) {
    try (PointerScope scope = new PointerScope()) {
      JitModule module = new JitModule(new QualifiedName("AddSub"));
      module.define("def forward(self, a, b):\n    return a + b, a - b\n");
      module.save(file.toString());
    }
  }

  private static void measure(LoadedModel model, JitModule module) throws IOException {
    double[] engine = new double[ROUNDS];
    double[] bare = new double[ROUNDS];
    try (ArenaPool pool = new ArenaPool(1 << 20);
        Arena memory = Arena.ofConfined()) {
      FloatPointer input = new FloatPointer(ELEMENTS);
      MemorySegment output = memory.allocate(ELEMENTS * Float.BYTES);
      long before = 0;
      for (int round = -3; round < ROUNDS; round++) {
        long start = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < CALLS; i++) {
          throughEngine(model, pool);
        }
        long between = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < CALLS; i++) {
          bare(module, input, output);
        }
        long end = THREADS.getCurrentThreadCpuTime();
        if (round < 0) {
          before = residentKib();
        } else {
          engine[round] = (between - start) / 1e3 / CALLS;
          bare[round] = (end - between) / 1e3 / CALLS;
        }
      }
      Arrays.sort(engine);
      Arrays.sort(bare);
      System.out.printf(
          Locale.ROOT,
          "engine %.1f us (%.1f to %.1f), bare %.1f us (%.1f to %.1f), ratio %.2f;"
              + " resident %d kB after %d calls each, %d before%n",
          engine[ROUNDS / 2],
          engine[0],
          engine[ROUNDS - 1],
          bare[ROUNDS / 2],
          bare[0],
          bare[ROUNDS - 1],
          engine[ROUNDS / 2] / bare[ROUNDS / 2],
          residentKib(),
          ROUNDS * CALLS,
          before);
    }
  }

  private static void throughEngine(LoadedModel model, ArenaPool pool) {
    Signature signature = model.signatures().get(Signature.DEFAULT_NAME);
    if (signature == null) {
      throw new IllegalStateException("signatures: " + model.signatures().keySet());
    }
    try (TensorArena arena = pool.take()) {
      Shape shape = Shape.of(ELEMENTS);
      Tensor[] inputs = {
        arena.allocate(DType.FLOAT32, shape), arena.allocate(DType.FLOAT32, shape)
      };
      Batch batch = new Batch(signature, inputs, null, arena, Long.MAX_VALUE);
      model.run(batch);
      if (batch.output(1).elementCount() != ELEMENTS) {
        throw new IllegalStateException("output: " + batch.output(1));
      }
    }
  }

  /** Wraps, runs, and copies both answers out: what nobody can leave away. */
  private static void bare(JitModule module, FloatPointer input, MemorySegment output) {
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true)) {
      IValueVector stack =
          new IValueVector(
              new IValue(torch.from_blob(input, ELEMENTS)),
              new IValue(torch.from_blob(input, ELEMENTS)));
      TupleElements elements = module.forward(stack).toTuple().elements();
      for (int i = 0; i < 2; i++) {
        long address = elements.get(i).toTensor().data_ptr().address();
        output.copyFrom(MemorySegment.ofAddress(address).reinterpret(output.byteSize()));
      }
    }
  }

  private static long residentKib() throws IOException {
    Matcher matcher = RESIDENT.matcher(Files.readString(Path.of("/proc/self/status")));
    if (!matcher.find()) {
      throw new IllegalStateException("no VmRSS");
    }
    return Long.parseLong(matcher.group(1));
  }
}
