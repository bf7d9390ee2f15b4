package io.salver.batching;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * What the operating system gives threads that run models: on Linux less than event loops, so that
 * a machine full of slow models still reads and answers. Elsewhere the same.
 */
final class OsPriority {
  private static final Logger LOG = System.getLogger(OsPriority.class.getName());
  private static final int NICENESS = 5;

  /** {@code PRIO_PROCESS}, which on Linux is a thread. */
  private static final int PRIO_PROCESS = 0;

  private static final int CALLING_THREAD = 0;
  private static final @Nullable MethodHandle SET_PRIORITY = setPriority();

  private OsPriority() {}

  private static @Nullable MethodHandle setPriority() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return null;
    }
    Linker linker = Linker.nativeLinker();
    MemorySegment function = linker.defaultLookup().find("setpriority").orElse(null);
    return function == null
        ? null
        : linker.downcallHandle(
            function,
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT));
  }

  /** Lowers the calling platform thread's priority, where that can be done. */
  static void lower() {
    if (SET_PRIORITY == null) {
      return;
    }
    try {
      int failed = (int) SET_PRIORITY.invokeExact(PRIO_PROCESS, CALLING_THREAD, NICENESS);
      if (failed != 0) {
        LOG.log(Level.DEBUG, "setpriority: refused");
      }
    } catch (Throwable t) {
      throw new AssertionError("setpriority does not throw", t);
    }
  }
}
