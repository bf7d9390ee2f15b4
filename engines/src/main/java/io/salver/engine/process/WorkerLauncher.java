package io.salver.engine.process;

import io.salver.engine.ModelFiles;
import io.salver.engine.process.BrokenWorkerException.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** Starts the workers of one version. Thread-safe. */
final class WorkerLauncher {
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(1);

  private final WorkerSpec spec;
  private final WorkerProtocol protocol;
  private final ModelFiles files;
  private final WorkerDirectories directories;

  WorkerLauncher(
      WorkerSpec spec, WorkerProtocol protocol, ModelFiles files, WorkerDirectories directories) {
    this.spec = spec;
    this.protocol = protocol;
    this.files = files;
    this.directories = directories;
  }

  WorkerSpec spec() {
    return spec;
  }

  /** The model's and the version's directory, as {@code model/1}. */
  String model() {
    Path version = files.directory();
    Path model = version.getParent();
    return (model == null ? "" : model.getFileName() + "/") + version.getFileName();
  }

  /**
   * Starts one, and waits until it can be talked to. The calling thread has to outlive it.
   *
   * @param number tells replicas apart
   * @param onStart told of the process when there is one
   * @throws BrokenWorkerException if it cannot be had; the message has the end of what it printed
   */
  RunningWorker start(int number, Consumer<WorkerProcess> onStart) throws BrokenWorkerException {
    String name = model() + " #" + number;
    Path directory;
    try {
      directory = directories.create();
    } catch (IOException e) {
      throw new BrokenWorkerException(Fault.GONE, "no directory for it: " + e, e);
    }
    try {
      return start(name, directory, onStart);
    } catch (BrokenWorkerException | RuntimeException | Error e) {
      WorkerDirectories.remove(directory);
      throw e;
    }
  }

  private RunningWorker start(String name, Path directory, Consumer<WorkerProcess> onStart)
      throws BrokenWorkerException {
    WorkerPlace place =
        new WorkerPlace(directory, directory.resolve("worker.sock"), files, spec.connections());
    CountDownLatch broken = new CountDownLatch(1);
    try (WorkerProtocol.Expected expected = protocol.expect(place)) {
      PythonHelper.writeTo(directory);
      WorkerProcess process =
          WorkerProcess.start(command(place), files.directory(), name, broken::countDown);
      onStart.accept(process);
      try {
        long untilNs = System.nanoTime() + spec.startTimeout().toNanos();
        List<WorkerConnection> connections = expected.connect(untilNs, process::isAlive);
        return new RunningWorker(name, process, connections, directory, broken);
      } catch (BrokenWorkerException e) {
        BrokenWorkerException explained = explained(e, process);
        process.close();
        throw explained;
      } catch (RuntimeException | Error e) {
        process.close();
        throw e;
      }
    } catch (IOException e) {
      throw new BrokenWorkerException(Fault.GONE, "cannot be started: " + e, e);
    }
  }

  private WorkerCommand command(WorkerPlace place) throws IOException {
    if (spec.image().isEmpty()) {
      return WorkerCommand.process(spec, place);
    }
    Path directory = place.directory();
    String container = "salver-" + ProcessHandle.current().pid() + "-" + directory.getFileName();
    String user =
        Files.getAttribute(directory, "unix:uid") + ":" + Files.getAttribute(directory, "unix:gid");
    return WorkerCommand.container(spec, spec.image().get(), place, container, user);
  }

  private BrokenWorkerException explained(BrokenWorkerException e, WorkerProcess process) {
    String ending = e.fault() == Fault.GONE ? process.ending(EXIT_LIMIT) : null;
    String late = e.fault() == Fault.LATE ? " of " + spec.startTimeout().toMillis() + " ms" : "";
    List<String> tail = process.tail();
    return new BrokenWorkerException(
        e.fault(),
        (ending == null ? e.getMessage() + late : "ended by " + ending + " before it was ready")
            + "; "
            + (tail.isEmpty() ? "it printed nothing" : "it printed: " + String.join(" | ", tail)),
        e);
  }
}
