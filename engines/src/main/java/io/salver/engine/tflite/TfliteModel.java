package io.salver.engine.tflite;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.engine.PerSignature;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A model with its interpreters. Any number of threads may run it at once. */
final class TfliteModel implements LoadedModel {
  private static final int MAX_OTHER_CALLS = 64;

  private final NativeModel model;
  private final InterpreterPool pool;
  private final ModelPorts ports;
  private final Map<String, Call> calls;
  private final Map<String, Signature> signatures = new LinkedHashMap<>();
  private final PerSignature<Call> otherCalls;
  private final Map<String, byte[]> metadata;
  private final long memoryBytes;
  private volatile boolean closed;

  TfliteModel(
      NativeModel model,
      InterpreterPool pool,
      ModelPorts ports,
      Map<String, Call> calls,
      Map<String, byte[]> metadata,
      long memoryBytes) {
    this.model = model;
    this.pool = pool;
    this.ports = ports;
    this.calls = calls;
    this.otherCalls =
        new PerSignature<>(MAX_OTHER_CALLS, signature -> ModelPorts.prepare(signature, calls));
    this.metadata = metadata;
    this.memoryBytes = memoryBytes;
    calls.forEach((name, call) -> signatures.put(name, call.signature()));
  }

  @Override
  public Map<String, Signature> signatures() {
    return Collections.unmodifiableMap(signatures);
  }

  /** Each thread has an interpreter of its own while it runs. */
  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void run(Batch batch) {
    if (closed) {
      throw new ServingException(Category.INTERNAL, "model: run after it was closed");
    }
    batch.refuseLate("the model was run");
    Call call = call(batch.signature());
    Shape[] shapes = GraphRun.shapes(ports.graphs().get(call.graph()), call, batch);
    Interpreter interpreter =
        pool.take(i -> i.graph(call.graph()).isReadyFor(call, shapes), batch.deadlineNs());
    boolean sound = false;
    try {
      interpreter.run(call, batch, shapes);
      sound = true;
    } finally {
      if (sound || interpreter.graph(call.graph()).isAllocated()) {
        pool.giveBack(interpreter);
      } else {
        pool.discard(interpreter);
      }
    }
  }

  private Call call(Signature signature) {
    Call own = calls.get(signature.name());
    return own != null && own.signature() == signature ? own : otherCalls.get(signature);
  }

  /** How many interpreters there are. */
  int interpreters() {
    return pool.size();
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
    if (!closed) {
      closed = true;
      pool.close();
      model.close();
    }
  }
}
