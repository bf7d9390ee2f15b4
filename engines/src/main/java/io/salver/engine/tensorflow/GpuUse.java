package io.salver.engine.tensorflow;

import io.salver.engine.Device;
import io.salver.engine.EngineOptions;
import io.salver.engine.ModelLoadException;
import io.salver.engine.nativelib.Foreign;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The GPU that TensorFlow uses in this process. TensorFlow sets its GPUs up with the first session
 * that has one, and then keeps them as they are: another GPU, or another limit, needs another
 * process.
 *
 * @param limitBytes 0 for none
 */
record GpuUse(Device device, long limitBytes) {
  private static final long MIN_LIMIT_BYTES = 1 << 20;

  /** A C++ function without parameters, which older and newer libraries may not have. */
  private static final String IS_BUILT_WITH_CUDA = "_ZN10tensorflow19IsGoogleCudaEnabledEv";

  private static @Nullable GpuUse inUse;

  /**
   * Sees that models can be loaded with these options.
   *
   * @throws ModelLoadException if there is no such GPU, or another one is in use
   */
  static synchronized void require(EngineOptions options) throws ModelLoadException {
    GpuUse wanted = new GpuUse(options.device(), options.deviceMemoryLimitBytes());
    if (wanted.device.isCpu() || wanted.equals(inUse)) {
      return;
    }
    if (wanted.limitBytes > 0 && wanted.limitBytes < MIN_LIMIT_BYTES) {
      throw new ModelLoadException(
          "device_memory_limit_bytes: %d (expected: >= %d for TensorFlow)"
              .formatted(wanted.limitBytes, MIN_LIMIT_BYTES));
    }
    GpuUse before = inUse;
    if (before != null) {
      throw new ModelLoadException(
          "%s: TensorFlow uses %s in this process (expected: the same; or isolate: true)"
              .formatted(wanted, before));
    }
    List<String> types = Session.deviceTypes(options);
    if (!types.contains("GPU")) {
      throw new ModelLoadException(
          "device: %s: TensorFlow %s %s, and has only %s (expected: a GPU with its driver, and a build"
                  .formatted(wanted.device, CApi.version(), isBuiltWithCuda(), types)
              + " of the library for it in engines.libraries.tensorflow)");
    }
    inUse = wanted;
  }

  private static String isBuiltWithCuda() {
    Optional<MemorySegment> function = TensorFlowLibrary.frameworkSymbol(IS_BUILT_WITH_CUDA);
    if (function.isEmpty()) {
      return "finds no GPU";
    }
    MethodHandle handle =
        Foreign.function(function.get(), FunctionDescriptor.of(ValueLayout.JAVA_BOOLEAN));
    try {
      return (boolean) handle.invokeExact() ? "finds no GPU" : "was built without CUDA";
    } catch (Throwable t) {
      throw Foreign.unexpected(t);
    }
  }

  @Override
  public String toString() {
    return "device: " + device + (limitBytes == 0 ? "" : " with at most " + limitBytes + " bytes");
  }
}
