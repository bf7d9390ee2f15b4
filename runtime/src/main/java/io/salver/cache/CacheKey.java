package io.salver.cache;

import io.salver.predict.PredictRequest;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All that an answer depends on within a version: signature, wanted outputs, and the inputs to the
 * last byte. Equal keys have equal inputs: bytes are compared, not only their hash.
 *
 * <p>One that is made from a request views its tensors and lives as long as they do; {@link #kept}
 * is a copy that lives by itself.
 */
final class CacheKey {
  private final Signature signature;
  private final boolean @Nullable [] wanted;
  private final @Nullable Tensor[] inputs;
  private final int hash;

  private CacheKey(
      Signature signature, boolean @Nullable [] wanted, @Nullable Tensor[] inputs, int hash) {
    this.signature = signature;
    this.wanted = wanted;
    this.inputs = inputs;
    this.hash = hash;
  }

  static CacheKey of(PredictRequest request, KeyHash hash) {
    return new CacheKey(
        request.signature(), request.wanted(), request.inputs(), hash.hash(request));
  }

  CacheKey kept() {
    return new CacheKey(
        signature, wanted == null ? null : wanted.clone(), HeapTensors.copy(inputs), hash);
  }

  long sizeBytes() {
    return HeapTensors.sizeBytes(inputs);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CacheKey that
        && hash == that.hash
        && Arrays.equals(wanted, that.wanted)
        && sameSignature(signature, that.signature)
        && sameInputs(that);
  }

  /** A signature may be put together for each request, as that of a multi-inference is. */
  private static boolean sameSignature(Signature a, Signature b) {
    return a == b
        || a.name().equals(b.name())
            && a.methodName().equals(b.methodName())
            && a.inputs().equals(b.inputs())
            && a.outputs().equals(b.outputs());
  }

  private boolean sameInputs(CacheKey that) {
    if (inputs.length != that.inputs.length) {
      return false;
    }
    for (int i = 0; i < inputs.length; i++) {
      if (!same(inputs[i], that.inputs[i])) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(@Nullable Tensor a, @Nullable Tensor b) {
    if (a == null || b == null) {
      return a == b;
    }
    return a.dtype() == b.dtype()
        && a.shape().equals(b.shape())
        && a.data().byteSize() == b.data().byteSize()
        && a.data().mismatch(b.data()) < 0
        && a.offsets().byteSize() == b.offsets().byteSize()
        && a.offsets().mismatch(b.offsets()) < 0;
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
