package io.salver.engine.onnx;

import io.salver.engine.nativelib.Foreign;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * ONNX Runtime's table of C functions.
 *
 * <p>Pointers, sizes and enums are all passed as {@code long}: the calling conventions of the
 * platforms that the runtime is built for put them in the same registers, and no {@link
 * MemorySegment} has to be made around a pointer. A method that the table lets fail throws {@link
 * OrtException}. Results go where the caller's {@code out} pointer points.
 *
 * <p>Thread-safe. Objects made by {@code create...} and values from {@link #getValue} are the
 * caller's to release.
 */
final class OrtApi {
  /** The whole address space: what C returns pointers into. */
  static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** The newest function that is used here came with this version of the table. */
  private static final int API_VERSION = 24;

  private static final int TABLE_LENGTH = 400;

  private static final int GET_ERROR_CODE = 1;
  private static final int GET_ERROR_MESSAGE = 2;
  private static final int CREATE_ENV_WITH_CUSTOM_LOGGER = 4;
  private static final int CREATE_SESSION = 7;
  private static final int RUN = 9;
  private static final int CREATE_SESSION_OPTIONS = 10;
  private static final int SET_SESSION_EXECUTION_MODE = 13;
  private static final int SET_INTRA_OP_NUM_THREADS = 24;
  private static final int SET_INTER_OP_NUM_THREADS = 25;
  private static final int SESSION_GET_INPUT_COUNT = 30;
  private static final int SESSION_GET_OUTPUT_COUNT = 31;
  private static final int SESSION_GET_INPUT_TYPE_INFO = 33;
  private static final int SESSION_GET_OUTPUT_TYPE_INFO = 34;
  private static final int SESSION_GET_INPUT_NAME = 36;
  private static final int SESSION_GET_OUTPUT_NAME = 37;
  private static final int CREATE_TENSOR_AS_ORT_VALUE = 48;
  private static final int CREATE_TENSOR_WITH_DATA_AS_ORT_VALUE = 49;
  private static final int GET_TENSOR_MUTABLE_DATA = 51;
  private static final int GET_STRING_TENSOR_DATA_LENGTH = 53;
  private static final int GET_STRING_TENSOR_CONTENT = 54;
  private static final int CAST_TYPE_INFO_TO_TENSOR_INFO = 55;
  private static final int GET_ONNX_TYPE_FROM_TYPE_INFO = 56;
  private static final int GET_TENSOR_ELEMENT_TYPE = 60;
  private static final int GET_DIMENSIONS_COUNT = 61;
  private static final int GET_DIMENSIONS = 62;
  private static final int GET_SYMBOLIC_DIMENSIONS = 63;
  private static final int GET_TENSOR_TYPE_AND_SHAPE = 65;
  private static final int CREATE_CPU_MEMORY_INFO = 69;
  private static final int ALLOCATOR_FREE = 76;
  private static final int GET_ALLOCATOR_WITH_DEFAULT_OPTIONS = 78;
  private static final int GET_VALUE = 80;
  private static final int GET_VALUE_COUNT = 81;
  private static final int RELEASE_ENV = 92;
  private static final int RELEASE_STATUS = 93;
  private static final int RELEASE_MEMORY_INFO = 94;
  private static final int RELEASE_SESSION = 95;
  private static final int RELEASE_VALUE = 96;
  private static final int RELEASE_TYPE_INFO = 98;
  private static final int RELEASE_TENSOR_TYPE_AND_SHAPE_INFO = 99;
  private static final int RELEASE_SESSION_OPTIONS = 100;
  private static final int CAST_TYPE_INFO_TO_MAP_TYPE_INFO = 103;
  private static final int CAST_TYPE_INFO_TO_SEQUENCE_TYPE_INFO = 104;
  private static final int GET_MAP_KEY_TYPE = 105;
  private static final int GET_MAP_VALUE_TYPE = 106;
  private static final int GET_SEQUENCE_ELEMENT_TYPE = 107;
  private static final int GET_AVAILABLE_PROVIDERS = 125;
  private static final int RELEASE_AVAILABLE_PROVIDERS = 126;
  private static final int ADD_SESSION_CONFIG_ENTRY = 130;
  private static final int APPEND_EXECUTION_PROVIDER = 216;
  private static final int GET_RESIZED_STRING_TENSOR_ELEMENT_BUFFER = 252;
  private static final int TENSOR_TYPE_AND_SHAPE_HAS_SHAPE = 390;

  private static final MethodHandle CALL1 = handle(1);
  private static final MethodHandle CALL2 = handle(2);
  private static final MethodHandle CALL3 = handle(3);
  private static final MethodHandle CALL4 = handle(4);
  private static final MethodHandle CALL5 = handle(5);
  private static final MethodHandle CALL7 = handle(7);
  private static final MethodHandle CALL8 = handle(8);

  private static final LongAdder LIVE_VALUES = new LongAdder();

  /** The functions of a provider whose options are an object of its own, made and released. */
  enum ProviderFunctions {
    TENSORRT(171, 172, 170, 174),
    CUDA(205, 206, 204, 208);

    private final int create;
    private final int update;
    private final int append;
    private final int release;

    ProviderFunctions(int create, int update, int append, int release) {
      this.create = create;
      this.update = update;
      this.append = append;
      this.release = release;
    }
  }

  private final MemorySegment[] functions = new MemorySegment[TABLE_LENGTH];
  private final String version;

  private OrtApi(MemorySegment table, String version) {
    this.version = version;
    MemorySegment entries = table.reinterpret(TABLE_LENGTH * ValueLayout.ADDRESS.byteSize());
    for (int i = 0; i < TABLE_LENGTH; i++) {
      functions[i] = entries.getAtIndex(ValueLayout.ADDRESS, i);
    }
  }

  /**
   * Loads the library and finds its table.
   *
   * @throws IllegalArgumentException if the library cannot be loaded
   * @throws IllegalStateException if it is older than the functions that are needed
   */
  static OrtApi load(Path library) {
    SymbolLookup symbols = Foreign.load(library);
    MethodHandle getBase =
        Foreign.function(symbols, "OrtGetApiBase", FunctionDescriptor.of(ValueLayout.ADDRESS));
    try {
      MemorySegment base = (MemorySegment) getBase.invokeExact();
      MemorySegment functions = base.reinterpret(2 * ValueLayout.ADDRESS.byteSize());
      MemorySegment getApi = functions.getAtIndex(ValueLayout.ADDRESS, 0);
      MethodHandle getVersion =
          Foreign.function(
              functions.getAtIndex(ValueLayout.ADDRESS, 1),
              FunctionDescriptor.of(ValueLayout.ADDRESS));
      String version = Foreign.utf8((MemorySegment) getVersion.invokeExact());
      MethodHandle call =
          Foreign.function(
              getApi, FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
      MemorySegment table = (MemorySegment) call.invokeExact(API_VERSION);
      if (table.address() == 0) {
        throw new IllegalStateException(
            library
                + ": version "
                + version
                + " has no function table of version "
                + API_VERSION
                + " (expected: >= 1.24)");
      }
      return new OrtApi(table, version);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private static MethodHandle handle(int arguments) {
    MemoryLayout[] layouts =
        Collections.nCopies(arguments, ValueLayout.JAVA_LONG).toArray(MemoryLayout[]::new);
    return Linker.nativeLinker()
        .downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, layouts));
  }

  /** Values that were made and not yet released, over all threads. */
  static long liveValues() {
    return LIVE_VALUES.sum();
  }

  /** The NUL-terminated UTF-8 text at {@code pointer}. */
  static String text(long pointer) {
    return pointer == 0 ? "" : MEMORY.getString(pointer);
  }

  /** The library's version, as {@code 1.28.0}. */
  String version() {
    return version;
  }

  private static MemorySegment text(Arena arena, String value) {
    return arena.allocateFrom(value);
  }

  // Environment, options, session.

  long createEnv(MemorySegment logger, int severity, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      check(
          call(
              CREATE_ENV_WITH_CUSTOM_LOGGER,
              logger.address(),
              0,
              severity,
              text(arena, name).address(),
              out.address()));
      return out.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  void releaseEnv(long env) {
    call(RELEASE_ENV, env);
  }

  void createSessionOptions(long out) {
    check(call(CREATE_SESSION_OPTIONS, out));
  }

  void setThreads(long options, int intraOp, int interOp) {
    check(call(SET_INTRA_OP_NUM_THREADS, options, intraOp));
    check(call(SET_INTER_OP_NUM_THREADS, options, interOp));
    check(call(SET_SESSION_EXECUTION_MODE, options, interOp > 1 ? 1 : 0));
  }

  void addConfigEntry(long options, String key, String value) {
    try (Arena arena = Arena.ofConfined()) {
      long keyPointer = text(arena, key).address();
      check(call(ADD_SESSION_CONFIG_ENTRY, options, keyPointer, text(arena, value).address()));
    }
  }

  /** The execution providers that the library was built with, as {@code CUDAExecutionProvider}. */
  List<String> availableProviders() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment list = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
      check(call(GET_AVAILABLE_PROVIDERS, list.address(), count.address()));
      long names = list.get(ValueLayout.JAVA_LONG, 0);
      List<String> providers = new ArrayList<>();
      for (int i = 0; i < count.get(ValueLayout.JAVA_INT, 0); i++) {
        providers.add(text(MEMORY.get(ValueLayout.JAVA_LONG, names + (long) i * Long.BYTES)));
      }
      check(call(RELEASE_AVAILABLE_PROVIDERS, names, count.get(ValueLayout.JAVA_INT, 0)));
      return providers;
    }
  }

  /** Has a session use a provider that takes its options by name alone. */
  void appendProvider(long options, String name, Map<String, String> settings) {
    try (Arena arena = Arena.ofConfined()) {
      check(
          call(
              APPEND_EXECUTION_PROVIDER,
              options,
              text(arena, name).address(),
              texts(arena, settings.keySet()),
              texts(arena, settings.values()),
              settings.size()));
    }
  }

  /** Has a session use a provider whose options are an object. */
  void appendProvider(long options, ProviderFunctions provider, Map<String, String> settings) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      check(call(provider.create, out.address()));
      long made = out.get(ValueLayout.JAVA_LONG, 0);
      try {
        long keys = texts(arena, settings.keySet());
        long values = texts(arena, settings.values());
        check(call(provider.update, made, keys, values, settings.size()));
        check(call(provider.append, options, made));
      } finally {
        call(provider.release, made);
      }
    }
  }

  private static long texts(Arena arena, Collection<String> values) {
    MemorySegment pointers = arena.allocate(ValueLayout.JAVA_LONG, values.size());
    int i = 0;
    for (String value : values) {
      pointers.setAtIndex(ValueLayout.JAVA_LONG, i++, text(arena, value).address());
    }
    return pointers.address();
  }

  void releaseSessionOptions(long options) {
    call(RELEASE_SESSION_OPTIONS, options);
  }

  void createSession(long env, Path model, long options, long out) {
    try (Arena arena = Arena.ofConfined()) {
      check(call(CREATE_SESSION, env, text(arena, model.toString()).address(), options, out));
    }
  }

  void releaseSession(long session) {
    call(RELEASE_SESSION, session);
  }

  void createCpuMemoryInfo(long out) {
    check(call(CREATE_CPU_MEMORY_INFO, 0, 0, out));
  }

  void releaseMemoryInfo(long info) {
    call(RELEASE_MEMORY_INFO, info);
  }

  void getDefaultAllocator(long out) {
    check(call(GET_ALLOCATOR_WITH_DEFAULT_OPTIONS, out));
  }

  void free(long allocator, long pointer) {
    check(call(ALLOCATOR_FREE, allocator, pointer));
  }

  // What a session says of its inputs and outputs.

  void sessionCount(boolean inputs, long session, long out) {
    check(call(inputs ? SESSION_GET_INPUT_COUNT : SESSION_GET_OUTPUT_COUNT, session, out));
  }

  void sessionName(boolean inputs, long session, long i, long allocator, long out) {
    int function = inputs ? SESSION_GET_INPUT_NAME : SESSION_GET_OUTPUT_NAME;
    check(call(function, session, i, allocator, out));
  }

  void sessionTypeInfo(boolean inputs, long session, long i, long out) {
    int function = inputs ? SESSION_GET_INPUT_TYPE_INFO : SESSION_GET_OUTPUT_TYPE_INFO;
    check(call(function, session, i, out));
  }

  void onnxType(long typeInfo, long out) {
    check(call(GET_ONNX_TYPE_FROM_TYPE_INFO, typeInfo, out));
  }

  void releaseTypeInfo(long typeInfo) {
    call(RELEASE_TYPE_INFO, typeInfo);
  }

  /** The result lives as long as {@code typeInfo}. */
  void asTensorInfo(long typeInfo, long out) {
    check(call(CAST_TYPE_INFO_TO_TENSOR_INFO, typeInfo, out));
  }

  /** The result lives as long as {@code typeInfo}. */
  void asSequenceInfo(long typeInfo, long out) {
    check(call(CAST_TYPE_INFO_TO_SEQUENCE_TYPE_INFO, typeInfo, out));
  }

  /** The result lives as long as {@code typeInfo}. */
  void asMapInfo(long typeInfo, long out) {
    check(call(CAST_TYPE_INFO_TO_MAP_TYPE_INFO, typeInfo, out));
  }

  /** The result is a type info of its own, to be released. */
  void sequenceElementType(long sequenceInfo, long out) {
    check(call(GET_SEQUENCE_ELEMENT_TYPE, sequenceInfo, out));
  }

  void mapKeyType(long mapInfo, long out) {
    check(call(GET_MAP_KEY_TYPE, mapInfo, out));
  }

  /** The result is a type info of its own, to be released. */
  void mapValueType(long mapInfo, long out) {
    check(call(GET_MAP_VALUE_TYPE, mapInfo, out));
  }

  void elementType(long tensorInfo, long out) {
    check(call(GET_TENSOR_ELEMENT_TYPE, tensorInfo, out));
  }

  boolean hasShape(long tensorInfo) {
    return (call(TENSOR_TYPE_AND_SHAPE_HAS_SHAPE, tensorInfo) & 0xff) != 0;
  }

  void dimensionCount(long tensorInfo, long out) {
    check(call(GET_DIMENSIONS_COUNT, tensorInfo, out));
  }

  void dimensions(long tensorInfo, long out, long count) {
    check(call(GET_DIMENSIONS, tensorInfo, out, count));
  }

  /** The results, C strings, live as long as {@code tensorInfo}. */
  void symbolicDimensions(long tensorInfo, long out, long count) {
    check(call(GET_SYMBOLIC_DIMENSIONS, tensorInfo, out, count));
  }

  // Values.

  /** A tensor over memory that must outlive it. */
  void createTensor(
      long memoryInfo, long data, long sizeBytes, long dims, long rank, int type, long out) {
    check(
        call(
            CREATE_TENSOR_WITH_DATA_AS_ORT_VALUE,
            memoryInfo,
            data,
            sizeBytes,
            dims,
            rank,
            type,
            out));
    LIVE_VALUES.increment();
  }

  /** A tensor with memory of its own: the only kind that strings can have. */
  void createOwnTensor(long allocator, long dims, long rank, int type, long out) {
    check(call(CREATE_TENSOR_AS_ORT_VALUE, allocator, dims, rank, type, out));
    LIVE_VALUES.increment();
  }

  /** Where the {@code sizeBytes} bytes of a string element are to be written. */
  void resizedStringElement(long value, long i, long sizeBytes, long out) {
    check(call(GET_RESIZED_STRING_TENSOR_ELEMENT_BUFFER, value, i, sizeBytes, out));
  }

  void stringDataLength(long value, long out) {
    check(call(GET_STRING_TENSOR_DATA_LENGTH, value, out));
  }

  void stringContent(long value, long bytes, long sizeBytes, long offsets, long count) {
    check(call(GET_STRING_TENSOR_CONTENT, value, bytes, sizeBytes, offsets, count));
  }

  void tensorData(long value, long out) {
    check(call(GET_TENSOR_MUTABLE_DATA, value, out));
  }

  /** The result is to be released by {@link #releaseTensorInfo}. */
  void tensorInfo(long value, long out) {
    check(call(GET_TENSOR_TYPE_AND_SHAPE, value, out));
  }

  void releaseTensorInfo(long info) {
    call(RELEASE_TENSOR_TYPE_AND_SHAPE_INFO, info);
  }

  /** The number of a sequence's elements, or of a map's parts, which are keys and values. */
  void valueCount(long value, long out) {
    check(call(GET_VALUE_COUNT, value, out));
  }

  /** Element {@code i} of a sequence; of a map, its keys (0) or its values (1). */
  void getValue(long value, long i, long allocator, long out) {
    check(call(GET_VALUE, value, i, allocator, out));
    LIVE_VALUES.increment();
  }

  /** Releases a value that was made by one of the methods above, or by {@link #run}. */
  void releaseValue(long value) {
    call(RELEASE_VALUE, value);
    LIVE_VALUES.decrement();
  }

  /**
   * Runs a model.
   *
   * @param outputs where a pointer is null the runtime makes a value, which is the caller's
   * @param newOutputs how many of those there are
   */
  void run(
      long session,
      long inputNames,
      long inputs,
      long inputCount,
      long outputNames,
      long outputCount,
      long outputs,
      int newOutputs) {
    check(call8(session, 0, inputNames, inputs, inputCount, outputNames, outputCount, outputs));
    LIVE_VALUES.add(newOutputs);
  }

  private void check(long status) {
    if (status != 0) {
      throw failure(status);
    }
  }

  private OrtException failure(long status) {
    int code = (int) call(GET_ERROR_CODE, status);
    String message = text(call(GET_ERROR_MESSAGE, status));
    call(RELEASE_STATUS, status);
    return new OrtException(code, message);
  }

  private long call(int function, long a) {
    try {
      return (long) CALL1.invokeExact(functions[function], a);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private long call(int function, long a, long b) {
    try {
      return (long) CALL2.invokeExact(functions[function], a, b);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private long call(int function, long a, long b, long c) {
    try {
      return (long) CALL3.invokeExact(functions[function], a, b, c);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private long call(int function, long a, long b, long c, long d) {
    try {
      return (long) CALL4.invokeExact(functions[function], a, b, c, d);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private long call(int function, long a, long b, long c, long d, long e) {
    try {
      return (long) CALL5.invokeExact(functions[function], a, b, c, d, e);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private long call(int function, long a, long b, long c, long d, long e, long f, long g) {
    try {
      return (long) CALL7.invokeExact(functions[function], a, b, c, d, e, f, g);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private long call8(long a, long b, long c, long d, long e, long f, long g, long h) {
    try {
      return (long) CALL8.invokeExact(functions[RUN], a, b, c, d, e, f, g, h);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }
}
