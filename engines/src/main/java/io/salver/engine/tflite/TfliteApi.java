package io.salver.engine.tflite;

import io.salver.engine.nativelib.Foreign;
import io.salver.engine.nativelib.NativeBundle;
import io.salver.engine.nativelib.NativeLibraries;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * TensorFlow Lite's C functions.
 *
 * <p>Pointers, sizes and integers are all passed as {@code long}: the platform's calling convention
 * puts them in the same registers, and no {@link MemorySegment} has to be made around a pointer.
 * What is made here is the caller's to delete.
 *
 * <p>Thread-safe as far as the objects that it is given are: a model is, an interpreter is not.
 */
final class TfliteApi {
  /** The whole address space: what C returns pointers into. */
  static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  static final int OK = 0;

  private static final NativeBundle BUNDLE =
      new NativeBundle(
          "tensorflow-lite",
          Map.of("linux-amd64", "org/bytedeco/tensorflowlite/linux-x86_64"),
          List.of("libjnitensorflowlite.so"));

  /** More than the delegate's options take in any version. */
  private static final MemoryLayout XNNPACK_OPTIONS =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(32, ValueLayout.JAVA_LONG));

  /** The library's messages to the standard error stream; all that matter come back otherwise. */
  private static final int LOG_NOTHING = 4;

  private static final MethodHandle CALL0 = handle(0);
  private static final MethodHandle CALL1 = handle(1);
  private static final MethodHandle CALL2 = handle(2);
  private static final MethodHandle CALL3 = handle(3);
  private static final MethodHandle CALL4 = handle(4);

  private enum Function {
    MODEL_CREATE("TfLiteModelCreateWithErrorReporter"),
    MODEL_DELETE("TfLiteModelDelete"),
    OPTIONS_CREATE("TfLiteInterpreterOptionsCreate"),
    OPTIONS_DELETE("TfLiteInterpreterOptionsDelete"),
    SET_THREADS("TfLiteInterpreterOptionsSetNumThreads"),
    SET_REPORTER("TfLiteInterpreterOptionsSetErrorReporter"),
    ADD_DELEGATE("TfLiteInterpreterOptionsAddDelegate"),
    XNNPACK_CREATE("TfLiteXNNPackDelegateCreate"),
    XNNPACK_DELETE("TfLiteXNNPackDelegateDelete"),
    INTERPRETER_CREATE("TfLiteInterpreterCreate"),
    INTERPRETER_DELETE("TfLiteInterpreterDelete"),
    RESET_VARIABLES("TfLiteInterpreterResetVariableTensors"),
    RESIZE("TfLiteInterpreterResizeInputTensor"),
    ALLOCATE("TfLiteInterpreterAllocateTensors"),
    INVOKE("TfLiteInterpreterInvoke"),
    INPUT("TfLiteInterpreterGetInputTensor"),
    OUTPUT("TfLiteInterpreterGetOutputTensor"),
    RUNNER("TfLiteInterpreterGetSignatureRunner"),
    RUNNER_DELETE("TfLiteSignatureRunnerDelete"),
    RUNNER_RESIZE("TfLiteSignatureRunnerResizeInputTensor"),
    RUNNER_ALLOCATE("TfLiteSignatureRunnerAllocateTensors"),
    RUNNER_INVOKE("TfLiteSignatureRunnerInvoke"),
    RUNNER_INPUT("TfLiteSignatureRunnerGetInputTensor"),
    RUNNER_OUTPUT("TfLiteSignatureRunnerGetOutputTensor"),
    TENSOR_TYPE("TfLiteTensorType"),
    TENSOR_RANK("TfLiteTensorNumDims"),
    TENSOR_DIM("TfLiteTensorDim"),
    TENSOR_BYTES("TfLiteTensorByteSize"),
    TENSOR_DATA("TfLiteTensorData"),
    TENSOR_REALLOC("TfLiteTensorRealloc"),
    TENSOR_ALLOCATION("TfLiteOpaqueTensorGetAllocationType");

    private final String symbol;

    Function(String symbol) {
      this.symbol = symbol;
    }
  }

  private final MemorySegment[] functions;
  private final MethodHandle xnnpackDefaults;
  private final MemorySegment verify;

  private TfliteApi(SymbolLookup symbols) {
    Function[] all = Function.values();
    this.functions = new MemorySegment[all.length];
    for (Function function : all) {
      functions[function.ordinal()] = symbols.findOrThrow(function.symbol);
    }
    this.xnnpackDefaults =
        Foreign.function(
            symbols, "TfLiteXNNPackDelegateOptionsDefault", FunctionDescriptor.of(XNNPACK_OPTIONS));
    this.verify =
        symbols.find("_ZN6tflite6VerifyEPKvmPNS_13ErrorReporterE").orElse(MemorySegment.NULL);
    symbols
        .find(
            "_ZN6tflite16logging_internal13MinimalLogger21SetMinimumLogSeverityENS_11LogSeverityE")
        .ifPresent(set -> call3(set, LOG_NOTHING, 0, 0));
  }

  private static MethodHandle handle(int arguments) {
    MemoryLayout[] layouts =
        Collections.nCopies(arguments, ValueLayout.JAVA_LONG).toArray(MemoryLayout[]::new);
    return Linker.nativeLinker()
        .downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, layouts));
  }

  /**
   * Unpacks and loads the library.
   *
   * @throws IOException if it is not on the class path or cannot be unpacked
   * @throws IllegalArgumentException if it cannot be loaded
   */
  static TfliteApi load() throws IOException {
    Path directory = NativeLibraries.unpack(TfliteApi.class.getClassLoader(), BUNDLE);
    return new TfliteApi(Foreign.load(directory.resolve(BUNDLE.files().getFirst())));
  }

  // A model and its interpreters. Pointers are 0 where the library refuses.

  /** Whether the library's own, deeper check of a model's content passes, if it has one. */
  boolean verify(MemorySegment content, ErrorLog log) {
    return verify.address() == 0
        || (call3(verify, content.address(), content.byteSize(), log.address()) & 0xff) != 0;
  }

  /** A model over {@code content}, which must outlive it. */
  long createModel(MemorySegment content, ErrorLog log) {
    return call(
        Function.MODEL_CREATE,
        content.address(),
        content.byteSize(),
        ErrorLog.reporter(),
        log.address());
  }

  void deleteModel(long model) {
    call(Function.MODEL_DELETE, model);
  }

  /** XNNPACK's kernels, for one interpreter, which it must outlive. */
  long createXnnpack(int threads) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment options = (MemorySegment) xnnpackDefaults.invoke(arena);
      options.set(ValueLayout.JAVA_INT, 0, threads);
      return call(Function.XNNPACK_CREATE, options.address());
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  void deleteXnnpack(long delegate) {
    call(Function.XNNPACK_DELETE, delegate);
  }

  /**
   * An interpreter.
   *
   * @param delegate 0 for none
   * @param log what the library says goes there; it must outlive the interpreter
   */
  long createInterpreter(long model, int threads, long delegate, ErrorLog log) {
    long options = call(Function.OPTIONS_CREATE);
    try {
      call(Function.SET_THREADS, options, threads);
      call(Function.SET_REPORTER, options, ErrorLog.reporter(), log.address());
      if (delegate != 0) {
        call(Function.ADD_DELEGATE, options, delegate);
      }
      return call(Function.INTERPRETER_CREATE, model, options);
    } finally {
      call(Function.OPTIONS_DELETE, options);
    }
  }

  void deleteInterpreter(long interpreter) {
    call(Function.INTERPRETER_DELETE, interpreter);
  }

  int resetVariables(long interpreter) {
    return (int) call(Function.RESET_VARIABLES, interpreter);
  }

  // The main subgraph, by position.

  int resizeInput(long interpreter, int position, long dims, int rank) {
    return (int) call(Function.RESIZE, interpreter, position, dims, rank);
  }

  int allocateTensors(long interpreter) {
    return (int) call(Function.ALLOCATE, interpreter);
  }

  int invoke(long interpreter) {
    return (int) call(Function.INVOKE, interpreter);
  }

  long input(long interpreter, int position) {
    return call(Function.INPUT, interpreter, position);
  }

  long output(long interpreter, int position) {
    return call(Function.OUTPUT, interpreter, position);
  }

  // Another subgraph, by a signature and its names, which are C strings.

  long createRunner(long interpreter, MemorySegment key) {
    return call(Function.RUNNER, interpreter, key.address());
  }

  void deleteRunner(long signatureRunner) {
    call(Function.RUNNER_DELETE, signatureRunner);
  }

  int resizeRunnerInput(long signatureRunner, MemorySegment name, long dims, int rank) {
    return (int) call(Function.RUNNER_RESIZE, signatureRunner, name.address(), dims, rank);
  }

  int allocateRunnerTensors(long signatureRunner) {
    return (int) call(Function.RUNNER_ALLOCATE, signatureRunner);
  }

  int invokeRunner(long signatureRunner) {
    return (int) call(Function.RUNNER_INVOKE, signatureRunner);
  }

  long runnerInput(long signatureRunner, MemorySegment name) {
    return call(Function.RUNNER_INPUT, signatureRunner, name.address());
  }

  long runnerOutput(long signatureRunner, MemorySegment name) {
    return call(Function.RUNNER_OUTPUT, signatureRunner, name.address());
  }

  // Tensors.

  int type(long tensor) {
    return (int) call(Function.TENSOR_TYPE, tensor);
  }

  /** The number of dimensions; -1 if the tensor has no shape yet. */
  int rank(long tensor) {
    return (int) call(Function.TENSOR_RANK, tensor);
  }

  int dim(long tensor, int i) {
    return (int) call(Function.TENSOR_DIM, tensor, i);
  }

  long sizeBytes(long tensor) {
    return call(Function.TENSOR_BYTES, tensor);
  }

  long data(long tensor) {
    return call(Function.TENSOR_DATA, tensor);
  }

  /** Gives a tensor that has no fixed size {@code sizeBytes} bytes. */
  int reallocate(long tensor, long sizeBytes) {
    return (int) call(Function.TENSOR_REALLOC, sizeBytes, tensor);
  }

  /** A {@code TfLiteAllocationType}. */
  int allocation(long tensor) {
    return (int) call(Function.TENSOR_ALLOCATION, tensor);
  }

  private long call(Function function) {
    try {
      return (long) CALL0.invokeExact(functions[function.ordinal()]);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private long call(Function function, long a) {
    try {
      return (long) CALL1.invokeExact(functions[function.ordinal()], a);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private long call(Function function, long a, long b) {
    try {
      return (long) CALL2.invokeExact(functions[function.ordinal()], a, b);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private long call(Function function, long a, long b, long c) {
    try {
      return (long) CALL3.invokeExact(functions[function.ordinal()], a, b, c);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private long call(Function function, long a, long b, long c, long d) {
    try {
      return (long) CALL4.invokeExact(functions[function.ordinal()], a, b, c, d);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** Calls a function that the library may not have, with arguments that it may not take. */
  private static long call3(MemorySegment function, long a, long b, long c) {
    try {
      return (long) CALL3.invokeExact(function, a, b, c);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }
}
