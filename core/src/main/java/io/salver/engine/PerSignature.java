package io.salver.engine;

import io.salver.tensor.Signature;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What an engine works out once for a signature that is none of a model's own, as {@link
 * LoadedModel#run} may get it. Forgets all of it when there is much: such signatures come and go.
 *
 * <p>Thread-safe. Threads that ask for a new signature at once may each work it out.
 */
public final class PerSignature<T> {
  private final Map<Signature, T> known = new ConcurrentHashMap<>();
  private final int maxSignatures;
  private final Function<Signature, T> prepare;

  /**
   * Nothing yet.
   *
   * @param maxSignatures with so many known, a new one makes all others forgotten
   * @param prepare works it out; called by any thread
   */
  public PerSignature(int maxSignatures, Function<Signature, T> prepare) {
    this.maxSignatures = maxSignatures;
    this.prepare = prepare;
  }

  /** What belongs to {@code signature}. */
  public T get(Signature signature) {
    T found = known.get(signature);
    if (found != null) {
      return found;
    }
    T made = prepare.apply(signature);
    if (known.size() >= maxSignatures) {
      known.clear();
    }
    known.put(signature, made);
    return made;
  }
}
