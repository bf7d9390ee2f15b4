package io.salver.bench;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.salver.engine.Batch;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.nativelib.Foreign;
import io.salver.engine.nativelib.NativeBundle;
import io.salver.engine.nativelib.NativeLibraries;
import io.salver.engine.tflite.TfliteEngine;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * The CPU time of a call of a TensorFlow Lite model with one input and one output, through the
 * engine and by the library's C interface alone with XNNPACK on one thread, in turns in one thread.
 * Both copy the input in and the output out, and must give the same bytes.
 */
public final class TfliteCalls {
  private static final int ROUNDS = 15;
  private static final int WARM_UP_ROUNDS = 3;
  private static final double ROUND_SECONDS = 0.5;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private TfliteCalls() {}

  /** Prints a row of the result for each model file given. */
  public static void main(String[] files) throws Throwable {
    for (String file : files) {
      measure(Path.of(file));
    }
  }

  private static void measure(Path file) throws Throwable {
    Path version = Files.createTempDirectory("tflite-calls");
    Path copy = Files.copy(file, version.resolve("model.tflite"));
    try (TfliteEngine engine = new TfliteEngine();
        LoadedModel model = engine.load(new ModelFiles(version), EngineOptions.DEFAULT);
        Arena memory = Arena.ofConfined();
        ArenaPool pool = new ArenaPool(64 << 20)) {
      Signature signature = model.signatures().values().iterator().next();
      TensorSpec input = signature.inputs().getFirst();
      MemorySegment in = memory.allocate(Tensor.sizeBytes(input.dtype(), input.shape()));
      byte[] random = new byte[(int) in.byteSize()];
      new Random(1).nextBytes(random);
      in.copyFrom(MemorySegment.ofArray(random));
      Bare bare = new Bare(copy, in, memory);
      run(file, () -> throughEngine(model, signature, in, pool), bare);
    } finally {
      Files.delete(copy);
      Files.delete(version);
    }
  }

  private interface Call {
    /** The last byte of the answer, so that it cannot be left away. */
    byte run() throws Throwable;
  }

  private static void run(Path file, Call engine, Call bare) throws Throwable {
    if (engine.run() != bare.run()) {
      throw new IllegalStateException(file + ": the answers differ");
    }
    int calls = 1;
    while (cpuUs(bare, calls) * calls < ROUND_SECONDS * 1e6) {
      calls *= 2;
    }
    double[] ofEngine = new double[ROUNDS];
    double[] ofBare = new double[ROUNDS];
    double[] ratio = new double[ROUNDS];
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      double engineUs = cpuUs(engine, calls);
      double bareUs = cpuUs(bare, calls);
      if (round >= 0) {
        ofEngine[round] = engineUs;
        ofBare[round] = bareUs;
        ratio[round] = engineUs / bareUs;
      }
    }
    System.out.printf(
        Locale.ROOT,
        "| %s | %.1f | %.1f | %.3f |%n",
        file.getFileName(),
        median(ofEngine),
        median(ofBare),
        median(ratio));
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private static double cpuUs(Call call, int calls) throws Throwable {
    long start = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < calls; i++) {
      call.run();
    }
    return (THREADS.getCurrentThreadCpuTime() - start) / 1e3 / calls;
  }

  private static byte throughEngine(
      LoadedModel model, Signature signature, MemorySegment in, ArenaPool pool) {
    try (TensorArena arena = pool.take()) {
      TensorSpec spec = signature.inputs().getFirst();
      Tensor input = arena.allocate(spec.dtype(), spec.shape());
      input.data().copyFrom(in);
      Batch batch = new Batch(signature, new Tensor[] {input}, null, arena, Long.MAX_VALUE);
      model.run(batch);
      MemorySegment out = batch.output(0).data();
      return out.get(JAVA_BYTE, out.byteSize() - 1);
    }
  }

  /** The library's C interface and nothing around it. */
  private static final class Bare implements Call {
    private static final MemoryLayout XNNPACK_OPTIONS =
        MemoryLayout.structLayout(MemoryLayout.sequenceLayout(32, JAVA_LONG));

    private final MemorySegment in;
    private final MemorySegment out;
    private final MethodHandle copyIn;
    private final MethodHandle invoke;
    private final MethodHandle copyOut;
    private final MemorySegment interpreter;
    private final MemorySegment input;
    private final MemorySegment output;

    Bare(Path model, MemorySegment in, Arena memory) throws Throwable {
      NativeBundle bundle =
          new NativeBundle(
              "tensorflow-lite",
              Map.of("linux-amd64", "org/bytedeco/tensorflowlite/linux-x86_64"),
              List.of("libjnitensorflowlite.so"));
      Path directory = NativeLibraries.unpack(TfliteCalls.class.getClassLoader(), bundle);
      SymbolLookup symbols = Foreign.load(directory.resolve(bundle.files().getFirst()));
      MemorySegment file = memory.allocateFrom(model.toString());
      MemorySegment loaded =
          (MemorySegment) pointer(symbols, "TfLiteModelCreateFromFile", 1).invoke(file);
      MemorySegment options =
          (MemorySegment) pointer(symbols, "TfLiteInterpreterOptionsCreate", 0).invoke();
      Foreign.function(
              symbols,
              "TfLiteInterpreterOptionsSetNumThreads",
              FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT))
          .invoke(options, 1);
      MemorySegment xnnpack =
          (MemorySegment)
              Foreign.function(
                      symbols,
                      "TfLiteXNNPackDelegateOptionsDefault",
                      FunctionDescriptor.of(XNNPACK_OPTIONS))
                  .invoke(memory);
      xnnpack.set(JAVA_INT, 0, 1);
      MemorySegment delegate =
          (MemorySegment) pointer(symbols, "TfLiteXNNPackDelegateCreate", 1).invoke(xnnpack);
      Foreign.function(
              symbols,
              "TfLiteInterpreterOptionsAddDelegate",
              FunctionDescriptor.ofVoid(ADDRESS, ADDRESS))
          .invoke(options, delegate);
      interpreter =
          (MemorySegment) pointer(symbols, "TfLiteInterpreterCreate", 2).invoke(loaded, options);
      invoke = status(symbols, "TfLiteInterpreterInvoke", ADDRESS);
      check((int) status(symbols, "TfLiteInterpreterAllocateTensors", ADDRESS).invoke(interpreter));
      input = tensor(symbols, "TfLiteInterpreterGetInputTensor");
      output = tensor(symbols, "TfLiteInterpreterGetOutputTensor");
      copyIn = status(symbols, "TfLiteTensorCopyFromBuffer", ADDRESS, ADDRESS, JAVA_LONG);
      copyOut = status(symbols, "TfLiteTensorCopyToBuffer", ADDRESS, ADDRESS, JAVA_LONG);
      this.in = in;
      long bytes =
          (long)
              Foreign.function(
                      symbols, "TfLiteTensorByteSize", FunctionDescriptor.of(JAVA_LONG, ADDRESS))
                  .invoke(output);
      this.out = memory.allocate(bytes);
    }

    private MemorySegment tensor(SymbolLookup symbols, String function) throws Throwable {
      return (MemorySegment)
          Foreign.function(symbols, function, FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT))
              .invoke(interpreter, 0);
    }

    private static MethodHandle pointer(SymbolLookup symbols, String function, int arguments) {
      MemoryLayout[] layouts = new MemoryLayout[arguments];
      Arrays.fill(layouts, ADDRESS);
      return Foreign.function(symbols, function, FunctionDescriptor.of(ADDRESS, layouts));
    }

    private static MethodHandle status(
        SymbolLookup symbols, String function, MemoryLayout... arguments) {
      return Foreign.function(symbols, function, FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private static void check(int status) {
      if (status != 0) {
        throw new IllegalStateException("TensorFlow Lite: status " + status);
      }
    }

    @Override
    public byte run() throws Throwable {
      check((int) copyIn.invokeExact(input, in, in.byteSize()));
      check((int) invoke.invokeExact(interpreter));
      check((int) copyOut.invokeExact(output, out, out.byteSize()));
      return out.get(JAVA_BYTE, out.byteSize() - 1);
    }
  }
}
