package io.salver.engine.tensorflow;

import io.salver.engine.nativelib.Foreign;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * TensorFlow's C interface, as much of it as is used. {@link TensorFlowLibrary#load} comes first.
 *
 * <p>Pointers are {@code long}s: Java never looks through most of them, and a segment for each
 * would be an object. 0 is the null pointer.
 */
final class CApi {
  /** All memory, for reading at an address that TensorFlow gave. */
  static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** The bytes of a {@code TF_Output}: a pointer to an operation, an index, and padding. */
  static final long OUTPUT_BYTES = 16;

  /** Where the index is in a {@code TF_Output}. */
  static final long OUTPUT_INDEX_OFFSET = 8;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final MemoryLayout OUTPUT =
      MemoryLayout.structLayout(LONG, INT, MemoryLayout.paddingLayout(4));

  private static final SymbolLookup SYMBOLS = TensorFlowLibrary.symbols();

  private static final MethodHandle VERSION = function("TF_Version", LONG);
  private static final MethodHandle NEW_STATUS = function("TF_NewStatus", LONG);
  private static final MethodHandle DELETE_STATUS = procedure("TF_DeleteStatus", LONG);
  private static final MethodHandle GET_CODE = function("TF_GetCode", INT, LONG);
  private static final MethodHandle MESSAGE = function("TF_Message", LONG, LONG);
  private static final MethodHandle NEW_BUFFER =
      function("TF_NewBufferFromString", LONG, LONG, LONG);
  private static final MethodHandle DELETE_BUFFER = procedure("TF_DeleteBuffer", LONG);
  private static final MethodHandle NEW_TENSOR =
      function("TF_NewTensor", LONG, INT, LONG, INT, LONG, LONG, LONG, LONG);
  private static final MethodHandle ALLOCATE_TENSOR =
      function("TF_AllocateTensor", LONG, INT, LONG, INT, LONG);
  private static final MethodHandle TENSOR_FROM_PROTO =
      procedure("TF_TensorFromProto", LONG, LONG, LONG);
  private static final MethodHandle DELETE_TENSOR = procedure("TF_DeleteTensor", LONG);
  private static final MethodHandle TENSOR_TYPE = function("TF_TensorType", INT, LONG);
  private static final MethodHandle NUM_DIMS = function("TF_NumDims", INT, LONG);
  private static final MethodHandle DIM = function("TF_Dim", LONG, LONG, INT);
  private static final MethodHandle TENSOR_DATA = function("TF_TensorData", LONG, LONG);
  private static final MethodHandle TENSOR_BYTES = function("TF_TensorByteSize", LONG, LONG);
  private static final MethodHandle NEW_OPTIONS = function("TF_NewSessionOptions", LONG);
  private static final MethodHandle SET_CONFIG = procedure("TF_SetConfig", LONG, LONG, LONG, LONG);
  private static final MethodHandle DELETE_OPTIONS = procedure("TF_DeleteSessionOptions", LONG);
  private static final MethodHandle NEW_SESSION = function("TF_NewSession", LONG, LONG, LONG, LONG);
  private static final MethodHandle LIST_DEVICES =
      function("TF_SessionListDevices", LONG, LONG, LONG);
  private static final MethodHandle DEVICE_COUNT = function("TF_DeviceListCount", INT, LONG);
  private static final MethodHandle DEVICE_TYPE =
      function("TF_DeviceListType", LONG, LONG, INT, LONG);
  private static final MethodHandle DELETE_DEVICES = procedure("TF_DeleteDeviceList", LONG);
  private static final MethodHandle NEW_GRAPH = function("TF_NewGraph", LONG);
  private static final MethodHandle DELETE_GRAPH = procedure("TF_DeleteGraph", LONG);
  private static final MethodHandle LOAD_SESSION =
      function("TF_LoadSessionFromSavedModel", LONG, LONG, LONG, LONG, LONG, INT, LONG, LONG, LONG);
  private static final MethodHandle CLOSE_SESSION = procedure("TF_CloseSession", LONG, LONG);
  private static final MethodHandle DELETE_SESSION = procedure("TF_DeleteSession", LONG, LONG);
  private static final MethodHandle SESSION_RUN =
      procedure(
          "TF_SessionRun", LONG, LONG, LONG, LONG, INT, LONG, LONG, INT, LONG, INT, LONG, LONG);
  private static final MethodHandle OPERATION_BY_NAME =
      function("TF_GraphOperationByName", LONG, LONG, LONG);
  private static final MethodHandle NUM_OUTPUTS = function("TF_OperationNumOutputs", INT, LONG);
  private static final MethodHandle OUTPUT_TYPE = function("TF_OperationOutputType", INT, OUTPUT);
  private static final MethodHandle IS_STATEFUL = function("TF_OpIsStateful", INT, LONG, LONG);

  /**
   * A C function that does nothing, to be called as a tensor's deallocator: {@code labs} looks at
   * its first argument and changes nothing. An upcall stub would cost a change into Java.
   */
  private static final long NOTHING =
      Linker.nativeLinker().defaultLookup().findOrThrow("labs").address();

  private CApi() {}

  private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... args) {
    return Foreign.function(SYMBOLS, name, FunctionDescriptor.of(result, args));
  }

  private static MethodHandle procedure(String name, MemoryLayout... args) {
    return Foreign.function(SYMBOLS, name, FunctionDescriptor.ofVoid(args));
  }

  /** TensorFlow's version, as {@code 2.18.0}. */
  static String version() {
    try {
      return utf8((long) VERSION.invokeExact());
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  private static String utf8(long pointer) {
    return Foreign.utf8(MemorySegment.ofAddress(pointer));
  }

  static long newStatus() {
    try {
      return (long) NEW_STATUS.invokeExact();
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static void deleteStatus(long status) {
    try {
      DELETE_STATUS.invokeExact(status);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** 0 if all is well; otherwise one of gRPC's codes. */
  static int code(long status) {
    try {
      return (int) GET_CODE.invokeExact(status);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static String message(long status) {
    try {
      return utf8((long) MESSAGE.invokeExact(status));
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** A buffer with a copy of the bytes. */
  static long newBuffer(MemorySegment bytes) {
    try {
      return (long) NEW_BUFFER.invokeExact(bytes.address(), bytes.byteSize());
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static void deleteBuffer(long buffer) {
    try {
      DELETE_BUFFER.invokeExact(buffer);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /**
   * A tensor over memory that outlives it. TensorFlow copies it if it is not aligned as it needs.
   *
   * @return 0 if the memory is smaller than the tensor
   */
  static long newTensor(int type, MemorySegment dims, int rank, long address, long sizeBytes) {
    try {
      return (long)
          NEW_TENSOR.invokeExact(type, dims.address(), rank, address, sizeBytes, NOTHING, 0L);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** A tensor over new memory, not cleared. */
  static long allocateTensor(int type, MemorySegment dims, int rank, long sizeBytes) {
    try {
      return (long) ALLOCATE_TENSOR.invokeExact(type, dims.address(), rank, sizeBytes);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** Replaces a tensor's type, shape and value by those of a serialised {@code TensorProto}. */
  static void tensorFromProto(long buffer, long tensor, long status) {
    try {
      TENSOR_FROM_PROTO.invokeExact(buffer, tensor, status);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static void deleteTensor(long tensor) {
    try {
      DELETE_TENSOR.invokeExact(tensor);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static int tensorType(long tensor) {
    try {
      return (int) TENSOR_TYPE.invokeExact(tensor);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static int rank(long tensor) {
    try {
      return (int) NUM_DIMS.invokeExact(tensor);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static long dim(long tensor, int i) {
    try {
      return (long) DIM.invokeExact(tensor, i);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static long tensorData(long tensor) {
    try {
      return (long) TENSOR_DATA.invokeExact(tensor);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static long tensorBytes(long tensor) {
    try {
      return (long) TENSOR_BYTES.invokeExact(tensor);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static long newOptions() {
    try {
      return (long) NEW_OPTIONS.invokeExact();
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** Sets a serialised {@code ConfigProto}. */
  static void setConfig(long options, MemorySegment config, long status) {
    try {
      SET_CONFIG.invokeExact(options, config.address(), config.byteSize(), status);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static void deleteOptions(long options) {
    try {
      DELETE_OPTIONS.invokeExact(options);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static long newGraph() {
    try {
      return (long) NEW_GRAPH.invokeExact();
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static void deleteGraph(long graph) {
    try {
      DELETE_GRAPH.invokeExact(graph);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** A session over a graph; 0 if that failed. */
  static long newSession(long graph, long options, long status) {
    try {
      return (long) NEW_SESSION.invokeExact(graph, options, status);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** The devices that a session has, as {@code CPU} and {@code GPU}; empty if that failed. */
  static List<String> deviceTypes(long session, long status) {
    try {
      long devices = (long) LIST_DEVICES.invokeExact(session, status);
      if (devices == 0) {
        return List.of();
      }
      List<String> types = new ArrayList<>();
      int count = (int) DEVICE_COUNT.invokeExact(devices);
      for (int i = 0; i < count; i++) {
        types.add(utf8((long) DEVICE_TYPE.invokeExact(devices, i, status)));
      }
      DELETE_DEVICES.invokeExact(devices);
      return types;
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /**
   * Loads a SavedModel into an empty graph.
   *
   * @param tags {@code tagCount} pointers to NUL-terminated strings
   * @return the session; 0 if that failed
   */
  static long loadSession(
      long options,
      MemorySegment directory,
      MemorySegment tags,
      int tagCount,
      long graph,
      long status) {
    try {
      return (long)
          LOAD_SESSION.invokeExact(
              options, 0L, directory.address(), tags.address(), tagCount, graph, 0L, status);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static void closeSession(long session, long status) {
    try {
      CLOSE_SESSION.invokeExact(session, status);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static void deleteSession(long session, long status) {
    try {
      DELETE_SESSION.invokeExact(session, status);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** Runs what the outputs need; on failure no output tensor is set. */
  static void run(
      long session,
      long inputs,
      long inputTensors,
      int inputCount,
      long outputs,
      long outputTensors,
      int outputCount,
      long status) {
    try {
      SESSION_RUN.invokeExact(
          session,
          0L,
          inputs,
          inputTensors,
          inputCount,
          outputs,
          outputTensors,
          outputCount,
          0L,
          0,
          0L,
          status);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** The operation with this NUL-terminated name; 0 if there is none. */
  static long operation(long graph, MemorySegment name) {
    try {
      return (long) OPERATION_BY_NAME.invokeExact(graph, name.address());
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  static int outputCount(long operation) {
    try {
      return (int) NUM_OUTPUTS.invokeExact(operation);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** The type of the {@code TF_Output}, which exists. */
  static int outputType(MemorySegment output) {
    try {
      return (int) OUTPUT_TYPE.invokeExact(output);
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  /** Whether operations of the type with this NUL-terminated name have state beyond one run. */
  static boolean isStateful(MemorySegment opType, long status) {
    try {
      return (int) IS_STATEFUL.invokeExact(opType.address(), status) != 0;
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }
}
