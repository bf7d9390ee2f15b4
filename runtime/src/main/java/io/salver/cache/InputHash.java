package io.salver.cache;

import io.salver.predict.PredictRequest;
import io.salver.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Hashes all that an answer depends on. Keyed by a secret, so that a client cannot make up inputs
 * that share a hash; the mixing is wyhash's: both halves of a 128-bit product.
 */
final class InputHash implements KeyHash {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final long seed;
  private final long secret;

  InputHash(RandomGenerator random) {
    this.seed = random.nextLong();
    this.secret = random.nextLong();
  }

  @Override
  public int hash(PredictRequest request) {
    long hash = mix(seed, request.signature().name().hashCode());
    hash = mix(hash, Arrays.hashCode(request.wanted()));
    for (Tensor input : request.inputs()) {
      hash = input == null ? mix(hash, 1) : tensor(hash, input);
    }
    return Long.hashCode(hash);
  }

  private long tensor(long hash, Tensor tensor) {
    long mixed = mix(hash, tensor.dtype().ordinal());
    for (int i = 0; i < tensor.shape().rank(); i++) {
      mixed = mix(mixed, tensor.shape().dim(i));
    }
    mixed = bytes(mixed, tensor.offsets());
    return bytes(mixed, tensor.data());
  }

  private long bytes(long hash, MemorySegment bytes) {
    long size = bytes.byteSize();
    long mixed = mix(hash, size);
    long i = 0;
    for (; i + 16 <= size; i += 16) {
      mixed = product(bytes.get(LONG, i) ^ mixed, bytes.get(LONG, i + 8) ^ secret);
    }
    if (i + 8 <= size) {
      mixed = mix(mixed, bytes.get(LONG, i));
      i += 8;
    }
    long rest = 0;
    for (; i < size; i++) {
      rest = rest << 8 | bytes.get(ValueLayout.JAVA_BYTE, i) & 0xff;
    }
    return mix(mixed, rest);
  }

  private long mix(long hash, long value) {
    return product(hash ^ value, secret ^ Long.rotateLeft(hash, 32));
  }

  private static long product(long a, long b) {
    return Math.unsignedMultiplyHigh(a, b) ^ a * b;
  }
}
