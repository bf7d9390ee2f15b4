package io.salver.engine.process;

import java.io.File;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the operating system has to hold processes with. */
final class ProcessTools {
  private static final int SIGKILL = 9;
  private static final Map<Integer, String> SIGNALS =
      Map.of(
          4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 13,
          "SIGPIPE", 15, "SIGTERM");

  /** The Java platform reports a process that a signal ended so. */
  private static final int SIGNAL_EXIT = 128;

  private static final MethodHandle KILL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("kill"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private ProcessTools() {}

  private static boolean has(String program) {
    return find(program).isPresent();
  }

  /** A program by its name, where {@code PATH} has it. */
  static Optional<Path> find(String program) {
    String path = System.getenv("PATH");
    for (String directory : (path == null ? "" : path).split(File.pathSeparator, -1)) {
      Path candidate = Path.of(directory, program);
      if (!directory.isEmpty() && Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** Whether processes lead a group of their own, which can be killed as a whole. */
  static boolean hasGroups() {
    return has("setsid");
  }

  /** Whether the memory of processes can be limited. */
  static boolean limitsMemory() {
    return has("prlimit");
  }

  /**
   * What a worker's command begins with: each program sets something for itself and then becomes
   * the next, so the process stays the same.
   */
  static List<String> prefix(long memoryLimitBytes) {
    List<String> prefix = new ArrayList<>();
    if (hasGroups()) {
      prefix.add("setsid");
    }
    if (has("setpriv")) {
      prefix.addAll(List.of("setpriv", "--pdeathsig", "KILL"));
    }
    if (has("choom")) {
      prefix.addAll(List.of("choom", "-n", "500", "--"));
    }
    if (limitsMemory()) {
      prefix.addAll(List.of("prlimit", "--core=0"));
      if (memoryLimitBytes > 0) {
        prefix.add("--data=" + memoryLimitBytes);
      }
    }
    return prefix;
  }

  /** Kills a process and those that it has started, if it leads a group of its own. */
  static void killGroup(long pid) {
    try {
      int unused = (int) KILL.invokeExact((int) -pid, SIGKILL);
    } catch (Throwable t) {
      throw new AssertionError("kill does not throw", t);
    }
  }

  /** How a process ended, in words. */
  static String ending(int exitValue) {
    int signal = exitValue - SIGNAL_EXIT;
    return SIGNALS.containsKey(signal)
        ? "signal " + signal + " (" + SIGNALS.get(signal) + ")"
        : "exit code " + exitValue;
  }
}
