package io.salver.engine.process;

import io.salver.engine.Engine;
import io.salver.engine.EngineOptions;
import io.salver.engine.ForwardingEngine;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An engine whose models are loaded and run in processes of their own where that is asked for: what
 * ends such a process costs the requests that it was running, and nothing else.
 *
 * <p>Files are looked at in the server's process all the same.
 */
public final class IsolatedEngine extends ForwardingEngine {
  private final WorkerSpecs specs;
  private final Host host;
  private final Workers workers = new Workers(Map.of());

  /** The command that runs {@link WorkerHost} with an engine. */
  @FunctionalInterface
  public interface Host {
    /** The program and its arguments. */
    List<String> command(String engine, ModelFiles files, EngineOptions options);
  }

  /**
   * Wraps {@code engine}, and closes it when it is closed itself.
   *
   * @param specs says which versions are kept apart, and how; the command is {@code host}'s
   */
  public IsolatedEngine(Engine engine, WorkerSpecs specs, Host host) {
    super(engine);
    this.specs = specs;
    this.host = host;
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    Inspection inspection = engine().inspect(files);
    if (!(inspection instanceof Inspection.Ready(long boundBytes))) {
      return inspection;
    }
    try {
      Optional<WorkerSpec> spec = specs.find(files);
      if (spec.isEmpty()) {
        return inspection;
      }
      return new Inspection.Ready(
          spec.get().replicas() * boundBytes + Workers.memoryBytes(spec.get(), files));
    } catch (ModelLoadException e) {
      // Loading it says the same, for good.
      return inspection;
    } catch (IOException e) {
      return new Inspection.Incomplete(files + ": " + e);
    }
  }

  @Override
  public LoadedModel load(ModelFiles files, EngineOptions options) throws ModelLoadException {
    Optional<WorkerSpec> spec = specs.find(files);
    if (spec.isEmpty()) {
      return engine().load(files, options);
    }
    List<String> command = host.command(name(), files, options);
    return workers.load(spec.get().withCommand(command), files);
  }

  @Override
  public void close() {
    workers.close();
    super.close();
  }
}
