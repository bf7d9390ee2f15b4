package io.salver.engine.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The command line and the environment of a worker.
 *
 * @param arguments the program first
 * @param environment all that there is in it: for a worker nothing of the server's own, but where
 *     programs are and what tunes numeric libraries
 * @param cleanUp what is run when it has ended, for a container that outlives its command; may be
 *     empty
 */
record WorkerCommand(
    List<String> arguments, Map<String, String> environment, List<String> cleanUp) {
  private static final String SOCKET = "{socket}";
  private static final List<String> PASSED =
      List.of("PATH", "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "XDG_CACHE_HOME");
  private static final List<String> PASSED_PREFIXES = List.of("OPENBLAS_", "OMP_", "MKL_");

  private static final String MODEL_DIRECTORY = "/model";
  private static final String VARIABLES = "variables.env";
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*");
  private static final Pattern LINE_BREAK = Pattern.compile("[\\r\\n]");
  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** For a worker that is a process of this machine. */
  static WorkerCommand process(WorkerSpec spec, WorkerPlace place) {
    List<String> arguments = new ArrayList<>(ProcessTools.prefix(spec.memoryLimitBytes()));
    arguments.addAll(command(spec, place));
    Map<String, String> environment = inherited(System.getenv());
    environment.put("HOME", place.directory().toString());
    environment.putAll(own(spec, place));
    return new WorkerCommand(arguments, environment, List.of());
  }

  /**
   * For a worker in a container that has the version's directory, the worker's, and no network. The
   * server's environment is that of the command which runs the container, not the worker's. The
   * worker's is in a file in its directory: arguments can be read by every user of the machine.
   *
   * @param container the name it gets
   * @param user as {@code uid:gid}, which owns the worker's directory
   * @throws IOException if the file cannot be written, or has no room for a variable
   */
  static WorkerCommand container(
      WorkerSpec spec, ContainerImage image, WorkerPlace place, String container, String user)
      throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(image.runtime(), "run", "--rm", "--name", container, "--network", "none"));
    arguments.addAll(List.of("--user", user, "--cap-drop", "ALL"));
    arguments.addAll(List.of("--security-opt", "no-new-privileges"));
    arguments.addAll(mount(place.files().directory(), MODEL_DIRECTORY, true));
    arguments.addAll(mount(place.directory(), place.directory().toString(), false));
    arguments.addAll(List.of("--workdir", MODEL_DIRECTORY));
    if (spec.memoryLimitBytes() > 0) {
      String memory = Long.toString(spec.memoryLimitBytes());
      arguments.addAll(List.of("--memory", memory, "--memory-swap", memory));
    }
    if (image.cpus() > 0) {
      arguments.addAll(List.of("--cpus", Double.toString(image.cpus())));
    }
    Path variables = writeVariables(own(spec, place), place.directory());
    arguments.addAll(List.of("--env-file", variables.toString()));
    arguments.add(image.name());
    arguments.addAll(command(spec, place));
    return new WorkerCommand(
        arguments, System.getenv(), List.of(image.runtime(), "rm", "--force", container));
  }

  private static Path writeVariables(Map<String, String> variables, Path directory)
      throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      if (!NAME.matcher(variable.getKey()).matches()
          || LINE_BREAK.matcher(variable.getValue()).find()) {
        throw new IOException(
            "worker.env: "
                + variable.getKey()
                + " (expected: with an image, a name of letters, digits and ._-, and a value of one"
                + " line)");
      }
      lines.append(variable.getKey()).append('=').append(variable.getValue()).append('\n');
    }
    Path file = Files.createFile(directory.resolve(VARIABLES), PRIVATE);
    return Files.writeString(file, lines);
  }

  private static List<String> mount(Path directory, String target, boolean readOnly) {
    return List.of(
        "--mount",
        "type=bind,source=" + directory + ",target=" + target + (readOnly ? ",readonly" : ""));
  }

  private static List<String> command(WorkerSpec spec, WorkerPlace place) {
    return spec.command().stream()
        .map(argument -> argument.replace(SOCKET, place.socket().toString()))
        .toList();
  }

  static Map<String, String> inherited(Map<String, String> server) {
    Map<String, String> environment = new TreeMap<>();
    server.forEach((name, value) -> {
      if (PASSED.contains(name) || PASSED_PREFIXES.stream().anyMatch(name::startsWith)) {
        environment.put(name, value);
      }
    });
    environment.put("LANG", "C.UTF-8");
    return environment;
  }

  /** What is said to the worker; what is configured comes last. */
  private static Map<String, String> own(WorkerSpec spec, WorkerPlace place) {
    Map<String, String> environment = new TreeMap<>();
    environment.put("SALVER_WORKER_DIRECTORY", place.directory().toString());
    environment.put("SALVER_WORKER_SOCKET", place.socket().toString());
    environment.put("SALVER_WORKER_CONNECTIONS", Integer.toString(place.connections()));
    environment.put("PYTHONPATH", place.directory().toString());
    environment.put("PYTHONUNBUFFERED", "1");
    environment.put("PYTHONDONTWRITEBYTECODE", "1");
    environment.put("OMP_NUM_THREADS", "1");
    environment.put("OPENBLAS_NUM_THREADS", "1");
    environment.put("MKL_NUM_THREADS", "1");
    environment.putAll(spec.environment());
    return environment;
  }
}
