package io.salver.engine.process;

import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** Makes models of workers: what engines that use them have in common. Thread-safe. */
final class Workers implements AutoCloseable {
  /** What a worker takes beside its model's files, where nothing else is known. */
  private static final long PROCESS_BYTES = 128L << 20;

  private final WorkerDirectories directories = new WorkerDirectories();
  private final Map<String, WorkerProtocol> protocols;

  Workers(Map<String, WorkerProtocol> protocols) {
    this.protocols = new TreeMap<>(protocols);
    this.protocols.put(WorkerSpec.SALVER, new FramedProtocol());
  }

  /** An upper bound if the workers' memory is limited, and a guess if not. */
  static long memoryBytes(WorkerSpec spec, ModelFiles files) throws IOException {
    long each =
        spec.memoryLimitBytes() > 0 ? spec.memoryLimitBytes() : files.sizeBytes() + PROCESS_BYTES;
    return spec.replicas() * each;
  }

  LoadedModel load(WorkerSpec spec, ModelFiles files) throws ModelLoadException {
    WorkerProtocol protocol = protocols.get(spec.protocol());
    if (protocol == null) {
      throw new ModelLoadException(
          "worker: protocol: \""
              + spec.protocol()
              + "\" (expected: one of "
              + protocols.keySet()
              + ")");
    }
    if (spec.memoryLimitBytes() > 0 && spec.image().isEmpty() && !ProcessTools.limitsMemory()) {
      throw new ModelLoadException(
          "worker: memory limit: "
              + spec.memoryLimitBytes()
              + " bytes (expected: none, as there is no prlimit here)");
    }
    try {
      long memoryBytes = memoryBytes(spec, files);
      WorkerLauncher launcher = new WorkerLauncher(spec, protocol, files, directories);
      WorkerPool pool = WorkerPool.start(launcher, Backoff.DEFAULT);
      return new ProcessModel(
          pool,
          spec.parallelRuns(),
          Math.max(memoryBytes, spec.replicas() * pool.description().memoryBytes()));
    } catch (IOException e) {
      throw new ModelLoadException(files + ": " + e, e);
    }
  }

  @Override
  public void close() {
    directories.close();
    protocols.values().forEach(WorkerProtocol::close);
  }
}
