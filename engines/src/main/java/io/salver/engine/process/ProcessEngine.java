package io.salver.engine.process;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs models in processes of their own, in whatever language they are written.
 *
 * <p>A worker is started when its version is loaded, has to be ready within its start timeout, and
 * is started again when it ends, is late, or answers what breaks the protocol.
 */
public final class ProcessEngine implements Engine {
  /** The engine's name. */
  public static final String NAME = "process";

  private final WorkerSpecs specs;
  private final Workers workers;

  /**
   * An engine that has started nothing yet.
   *
   * @param specs says which versions are served by workers, and by which
   * @param protocols other protocols than {@link WorkerSpec#SALVER}, by name; closed with it
   */
  public ProcessEngine(WorkerSpecs specs, Map<String, WorkerProtocol> protocols) {
    this.specs = specs;
    this.workers = new Workers(protocols);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    try {
      Optional<WorkerSpec> spec = specs.find(files);
      return spec.isPresent()
          ? new Inspection.Ready(Workers.memoryBytes(spec.get(), files))
          : new Inspection.NotMine();
    } catch (ModelLoadException e) {
      // Loading it says the same, for good.
      return new Inspection.Ready(0);
    } catch (IOException e) {
      return new Inspection.Incomplete(files + ": " + e);
    }
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    Optional<WorkerSpec> spec = specs.find(files);
    if (spec.isEmpty()) {
      throw new ModelLoadException(
          "directory: " + files + " (expected: a worker's files: " + List.of("model.py") + ")");
    }
    return workers.load(spec.get(), files);
  }

  @Override
  public void close() {
    workers.close();
  }
}
