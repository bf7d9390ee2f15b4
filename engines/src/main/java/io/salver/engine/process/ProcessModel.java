package io.salver.engine.process;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.tensor.Signature;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A model that workers run. */
final class ProcessModel implements LoadedModel {
  private final WorkerPool pool;
  private final int workers;
  private final long memoryBytes;
  private final Map<String, Signature> signatures;
  private final Map<Signature, Integer> positions;
  private final Map<String, byte[]> metadata;

  /**
   * A model.
   *
   * @param pool closed with it
   * @param memoryBytes what all workers together may take
   */
  ProcessModel(WorkerPool pool, int workers, long memoryBytes) {
    this.pool = pool;
    this.workers = workers;
    this.memoryBytes = memoryBytes;
    Map<String, Signature> byName = new LinkedHashMap<>();
    Map<Signature, Integer> byIdentity = new java.util.IdentityHashMap<>();
    for (Signature signature : pool.description().signatures()) {
      byIdentity.put(signature, byName.size());
      byName.put(signature.name(), signature);
    }
    this.signatures = Collections.unmodifiableMap(byName);
    this.positions = byIdentity;
    this.metadata = pool.description().metadata();
  }

  @Override
  public Map<String, Signature> signatures() {
    return signatures;
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public int workers() {
    return workers;
  }

  @Override
  public long workerCpuNs() {
    return pool.cpuNs();
  }

  @Override
  public void run(Batch batch) {
    pool.run(batch, positions.getOrDefault(batch.signature(), -1));
  }

  @Override
  public long memoryBytes() {
    return memoryBytes;
  }

  @Override
  public Optional<byte[]> metadata(String key) {
    return Optional.ofNullable(metadata.get(key)).map(byte[]::clone);
  }

  @Override
  public Set<String> metadataKeys() {
    return metadata.keySet();
  }

  @Override
  public void close() {
    pool.close();
  }
}
