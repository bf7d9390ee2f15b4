package io.salver.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Models that workers run, beside the example model, in one server. */
final class WorkerModels {
  private static final String PYTHON = "/usr/bin/python3";
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  private final Path root;
  private final List<String> names = new ArrayList<>();

  WorkerModels(Path root) {
    this.root = root;
  }

  /** Skips the test where there is no Python with these modules. */
  static void requirePython(String... modules) throws IOException, InterruptedException {
    boolean there =
        Files.isExecutable(Path.of(PYTHON))
            && new ProcessBuilder(PYTHON, "-c", "import " + String.join(", ", modules))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor()
                == 0;
    assumeTrue(
        there,
        () -> PYTHON + " has no " + List.of(modules) + " (scripts/install-test-tools): skipped");
  }

  /**
   * A function in Python.
   *
   * @param settings what {@code worker:} says beside which Python it is
   */
  WorkerModels python(String name, String settings, String script) throws IOException {
    write(name, "model.py", script);
    String separator = settings.isEmpty() ? "" : ", ";
    return write(name, "model.yaml", "worker: {python: " + PYTHON + separator + settings + "}\n");
  }

  /** The example model, in a process of its own. */
  WorkerModels isolatedHalfPlusTwo(String name) throws IOException {
    Path version = version(name);
    ModelDirectories.copy(HalfPlusTwoCalls.directory().resolve("1"), version);
    return write(name, "model.yaml", "isolate: true\n");
  }

  WorkerModels write(String name, String file, String text) throws IOException {
    Path path = Files.writeString(version(name).resolve(file), text);
    Files.setLastModifiedTime(path, LONG_AGO);
    return this;
  }

  Path version(String name) throws IOException {
    if (!names.contains(name)) {
      names.add(name);
    }
    return Files.createDirectories(root.resolve(name).resolve("1"));
  }

  RunningServer serve() throws Exception {
    StringBuilder config =
        new StringBuilder("lifecycle: {quiet_period: 0s, poll: 100ms}\nmodels:\n");
    config.append(
        "  - {name: %s, base_path: %s}\n"
            .formatted(HalfPlusTwoCalls.NAME, HalfPlusTwoCalls.directory()));
    for (String name : names) {
      config.append("  - {name: %s, base_path: %s}\n".formatted(name, root.resolve(name)));
    }
    Path file = Files.writeString(root.resolve("salver.yaml"), config);
    return RunningServer.start("--config=" + file);
  }

  /** The process that runs a model: the one whose directory is the version's. */
  ProcessHandle worker(RunningServer server, String name) throws Exception {
    Path version = version(name).toRealPath();
    List<ProcessHandle> found = new ArrayList<>();
    Await.until(
        "a worker of " + name,
        () -> {
          found.clear();
          ProcessHandle.of(server.process().pid()).stream()
              .flatMap(ProcessHandle::children)
              .filter(child -> directory(child).equals(Optional.of(version)))
              .forEach(found::add);
          return !found.isEmpty();
        });
    return found.getFirst();
  }

  private static Optional<Path> directory(ProcessHandle process) {
    try {
      return Optional.of(Path.of("/proc", Long.toString(process.pid()), "cwd").toRealPath());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static RestClient.Answer predict(RunningServer server, String name, double x) throws Exception {
    return server.rest().post("/v1/models/" + name + ":predict", "{\"instances\": [" + x + "]}");
  }

  static JsonObject status(RunningServer server, String name) throws Exception {
    return server
        .rest()
        .get("/v1/models/" + name)
        .json()
        .getAsJsonObject()
        .getAsJsonArray("model_version_status")
        .get(0)
        .getAsJsonObject();
  }

  static void signal(ProcessHandle process, String signal) throws Exception {
    int unused =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }
}
