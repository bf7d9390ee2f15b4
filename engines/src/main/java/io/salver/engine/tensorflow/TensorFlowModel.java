package io.salver.engine.tensorflow;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.engine.PerSignature;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A SavedModel in memory. Thread-safe but for {@link #close}. */
final class TensorFlowModel implements LoadedModel {
  /** Signatures made by others are prepared anew when there are more than that. */
  private static final int MAX_OTHER_CALLS = 256;

  private final Session session;
  private final Signatures signatures;
  private final Map<String, byte[]> metadata;
  private final long memoryBytes;
  private final PerSignature<Call> otherCalls;

  TensorFlowModel(
      Session session, Signatures signatures, Map<String, byte[]> metadata, long memoryBytes) {
    this.session = session;
    this.signatures = signatures;
    this.otherCalls = new PerSignature<>(MAX_OTHER_CALLS, signatures::prepare);
    this.metadata = metadata;
    this.memoryBytes = memoryBytes;
  }

  @Override
  public Map<String, Signature> signatures() {
    return signatures.byName();
  }

  /** TensorFlow's sessions may be run by any number of threads. */
  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void run(Batch batch) {
    if (batch.deadlineNs() != Long.MAX_VALUE && batch.deadlineNs() - System.nanoTime() <= 0) {
      throw new ServingException(
          Category.DEADLINE_EXCEEDED, "the request's deadline passed before the model was run");
    }
    call(batch.signature()).run(session.pointer(), batch);
  }

  private Call call(Signature signature) {
    Call own = signatures.call(signature);
    return own != null ? own : otherCalls.get(signature);
  }

  @Override
  public long memoryBytes() {
    return memoryBytes;
  }

  @Override
  public Optional<byte[]> metadata(String key) {
    byte[] value = metadata.get(key);
    return value == null ? Optional.empty() : Optional.of(value.clone());
  }

  @Override
  public Set<String> metadataKeys() {
    return Collections.unmodifiableSet(metadata.keySet());
  }

  @Override
  public void close() {
    signatures.close();
    session.close();
    NativeHeap.trim();
  }
}
