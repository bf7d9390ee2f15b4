package io.salver.engine.tflite;

import io.salver.engine.nativelib.Foreign;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the library says of one model or interpreter while it fails.
 *
 * <p>It is laid out as the library's C++ {@code ErrorReporter}, too: a pointer to a table of three
 * functions, the third of which reports. The library deletes none that it is given so.
 *
 * <p>Written by the thread that calls the library, and read by it.
 */
final class ErrorLog implements AutoCloseable {
  private static final int MAX_CHARS = 2000;
  private static final int MAX_MESSAGE_BYTES = 1000;

  private static final Map<Long, ErrorLog> BY_ADDRESS = new ConcurrentHashMap<>();
  private static final MethodHandle VSNPRINTF =
      Foreign.function(
          Linker.nativeLinker().defaultLookup().findOrThrow("vsnprintf"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG));
  private static final MemorySegment REPORTER = stub();
  private static final MemorySegment TABLE = table();

  private final Arena arena = Arena.ofShared();
  private final MemorySegment object;
  private final StringBuilder text = new StringBuilder();

  ErrorLog() {
    object = arena.allocate(2 * Long.BYTES, Long.BYTES);
    object.set(ValueLayout.JAVA_LONG, 0, TABLE.address());
    BY_ADDRESS.put(object.address(), this);
  }

  private static MemorySegment stub() {
    try {
      return Linker.nativeLinker()
          .upcallStub(
              MethodHandles.lookup()
                  .findStatic(
                      ErrorLog.class,
                      "report",
                      MethodType.methodType(int.class, long.class, long.class, long.class)),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG),
              Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("report is below", e);
    }
  }

  private static MemorySegment table() {
    MemorySegment table = Arena.global().allocate(3 * Long.BYTES, Long.BYTES);
    table.set(ValueLayout.JAVA_LONG, 2 * Long.BYTES, REPORTER.address());
    return table;
  }

  /** The function that reports to the log whose address it is given. */
  static long reporter() {
    return REPORTER.address();
  }

  /** Which log it is, for {@link #reporter}. */
  long address() {
    return object.address();
  }

  /** Whatever it threw would end the process. */
  @SuppressWarnings("unused") // called from C
  private static int report(long address, long format, long arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocate(MAX_MESSAGE_BYTES);
      int length =
          (int) VSNPRINTF.invokeExact(message.address(), message.byteSize(), format, arguments);
      ErrorLog log = BY_ADDRESS.get(address);
      if (log != null && length > 0 && log.text.length() < MAX_CHARS) {
        log.text.append(message.getString(0)).append('\n');
      }
    } catch (Throwable ignored) {
      // A message that cannot be kept is lost.
    }
    return 0;
  }

  /** What was said since this was asked last, in one line; never empty. */
  String take() {
    String said = text.toString().strip().replaceAll("\\s*\\R\\s*", " ");
    text.setLength(0);
    return said.isEmpty() ? "it does not say why" : said;
  }

  @Override
  public void close() {
    BY_ADDRESS.remove(object.address());
    arena.close();
  }
}
