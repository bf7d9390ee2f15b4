package io.salver.server.inference;

import io.salver.model.ModelVersion;
import io.salver.tensor.Signature;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What is worked out once for each signature of each version and then used by all its requests.
 * Bounded; thread-safe: a race loses at most an entry.
 *
 * @param <T> immutable, or safe to be used by several threads
 */
public final class SignatureCache<T> {
  private static final int SLOTS = 256;

  private record Entry<T>(ModelVersion version, Signature signature, T value) {}

  private final @Nullable Entry<T>[] slots = slots();
  private final BiFunction<ModelVersion, Signature, T> maker;

  /** A cache of what {@code maker} makes. */
  public SignatureCache(BiFunction<ModelVersion, Signature, T> maker) {
    this.maker = maker;
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static <T> @Nullable Entry<T>[] slots() {
    return (Entry<T>[]) new Entry[SLOTS];
  }

  /** What belongs to a signature, the same object as it is known by. */
  public T of(ModelVersion version, Signature signature) {
    int hash = System.identityHashCode(signature) + 31 * (int) version.version();
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    Entry<T> entry = slots[slot];
    if (entry != null && entry.signature == signature && entry.version.equals(version)) {
      return entry.value;
    }
    T value = maker.apply(version, signature);
    slots[slot] = new Entry<>(version, signature, value);
    return value;
  }
}
