package io.salver.cli.config;

import io.salver.engine.Device;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How engines run.
 *
 * @param intraOpThreads threads inside one operation of a model; 1 for the calling thread only
 * @param interOpThreads threads for operations side by side; 1 for the calling thread only
 * @param instances threads for each model that is too slow for an event loop; 0 for one for each
 *     core
 * @param inlineBound models whose runs are expected to be shorter run on the event loop
 * @param plugins the directory with a sub-directory of jars for each engine that is a plug-in;
 *     empty for the launcher's own
 * @param devices where models run that do not say it, best first, as far as their engines know
 *     these
 * @param libraries other builds of native libraries than Salver's own
 */
public record EnginesConfig(
    int intraOpThreads,
    int interOpThreads,
    int instances,
    Duration inlineBound,
    Optional<Path> plugins,
    List<Device> devices,
    LibrariesConfig libraries) {
  /** One thread inside the engine, an instance for each core, inline below 100 microseconds. */
  public static final EnginesConfig DEFAULT =
      new EnginesConfig(
          1,
          1,
          0,
          Duration.ofNanos(100_000),
          Optional.empty(),
          List.of(Device.CPU),
          LibrariesConfig.DEFAULT);

  public EnginesConfig {
    devices = List.copyOf(devices);
    if (intraOpThreads < 1 || interOpThreads < 1 || instances < 0 || inlineBound.isNegative()) {
      throw new ConfigException(
          "engines: intra_op_threads "
              + intraOpThreads
              + ", inter_op_threads "
              + interOpThreads
              + ", instances "
              + instances
              + ", inline_bound "
              + inlineBound
              + " (expected: >= 1, >= 1, >= 0, >= 0)");
    }
  }

  /** With other builds of native libraries. */
  public EnginesConfig withLibraries(LibrariesConfig others) {
    return new EnginesConfig(
        intraOpThreads, interOpThreads, instances, inlineBound, plugins, devices, others);
  }
}
