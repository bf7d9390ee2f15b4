package io.salver.cli;

import io.salver.cli.config.ConfigException;
import io.salver.cli.config.LibrariesConfig;
import io.salver.engine.Device;
import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.engine.process.WorkerHost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code salver worker}: what a server starts for a model that is kept apart from it. */
@Command(
    name = HostCommand.NAME,
    hidden = true,
    description = "Runs an engine for the server that has started it.")
final class HostCommand implements Callable<Integer> {
  static final String NAME = "worker";

  @Option(names = "--engine", required = true, description = "The engine's name.")
  String engine = "";

  @Option(names = "--directory", required = true, description = "The version's directory.")
  Path directory = Path.of("");

  @Option(names = "--intra-op-threads", description = "Threads inside an operation.")
  int intraOpThreads = 1;

  @Option(names = "--inter-op-threads", description = "Threads for operations side by side.")
  int interOpThreads = 1;

  @Option(names = "--device", description = "Where the model may run, best first.")
  List<String> devices = List.of("cpu");

  @Option(names = "--device-memory-limit-bytes", description = "Of an accelerator's memory.")
  long deviceMemoryLimitBytes;

  @Option(names = "--dequantize", arity = "1", description = "Show what integers stand for.")
  boolean dequantize;

  @Option(names = "--library", description = "Another build of a native library, by its key.")
  Map<String, Path> libraries = Map.of();

  @Override
  public Integer call() throws IOException {
    Map<String, String> environment = System.getenv();
    String place = environment.get("SALVER_WORKER_DIRECTORY");
    String connections = environment.getOrDefault("SALVER_WORKER_CONNECTIONS", "1");
    if (place == null) {
      throw new ConfigException(
          "worker: SALVER_WORKER_DIRECTORY is not set (expected: started by a server)");
    }
    Engine found =
        Engines.inProcess(engine, LibrariesConfig.ofKeys(libraries))
            .orElseThrow(() -> new ConfigException("worker: no engine \"" + engine + "\""));
    try (found) {
      WorkerHost.serve(
          found,
          new ModelFiles(directory),
          new EngineOptions(intraOpThreads, interOpThreads)
              .withDevices(devices.stream().map(Device::parse).toList())
              .withDeviceMemoryLimitBytes(deviceMemoryLimitBytes)
              .withDequantize(dequantize),
          Path.of(place),
          Integer.parseInt(connections));
      return 0;
    } catch (ModelLoadException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }
}
