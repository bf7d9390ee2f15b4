package io.salver.batching;

import io.salver.predict.PredictRequest;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which requests can be run together: those of the same signature that want the same outputs, leave
 * out the same inputs, and whose inputs have the same shapes but for dimension 0, or, if inner
 * dimensions are padded, at least the same ranks.
 */
final class Lanes {
  private final boolean padded;

  Lanes(boolean padInnerDimensions) {
    this.padded = padInnerDimensions;
  }

  /** Whether a request has rows at all: the same number of them, and not none, in all inputs. */
  static boolean hasRows(PredictRequest request) {
    long rows = 0;
    for (Tensor input : request.inputs()) {
      if (input != null) {
        Shape shape = input.shape();
        if (shape.rank() == 0 || shape.dim(0) == 0 || rows != 0 && shape.dim(0) != rows) {
          return false;
        }
        rows = shape.dim(0);
      }
    }
    return rows != 0;
  }

  /** Whether {@code a} and {@code b}, which both have rows, can be run together. */
  boolean match(PredictRequest a, PredictRequest b) {
    if (a.signature() != b.signature() || !Arrays.equals(a.wanted(), b.wanted())) {
      return false;
    }
    for (int i = 0; i < a.inputs().length; i++) {
      if (!match(a.inputs()[i], b.inputs()[i])) {
        return false;
      }
    }
    return true;
  }

  private boolean match(@Nullable Tensor a, @Nullable Tensor b) {
    if (a == null || b == null) {
      return a == b;
    }
    return a.shape().rank() == b.shape().rank() && (padded || sameInner(a.shape(), b.shape()));
  }

  /** Whether shapes of the same rank are the same but for dimension 0. */
  static boolean sameInner(Shape a, Shape b) {
    for (int i = 1; i < a.rank(); i++) {
      if (a.dim(i) != b.dim(i)) {
        return false;
      }
    }
    return true;
  }

  /** A key that is the same for requests that match. */
  Key key(PredictRequest request) {
    return new Key(this, request, hash(request));
  }

  private int hash(PredictRequest request) {
    int hash = 31 * request.signature().hashCode() + Arrays.hashCode(request.wanted());
    for (Tensor input : request.inputs()) {
      hash = 31 * hash + (input == null ? 0 : hash(input.shape()));
    }
    return hash;
  }

  private int hash(Shape shape) {
    int hash = shape.rank();
    for (int i = 1; i < shape.rank() && !padded; i++) {
      hash = 31 * hash + Long.hashCode(shape.dim(i));
    }
    return hash;
  }

  /** What requests of one lane have in common, by the example of one of them. */
  static final class Key {
    private final Lanes lanes;
    private final PredictRequest example;
    private final int hash;

    private Key(Lanes lanes, PredictRequest example, int hash) {
      this.lanes = lanes;
      this.example = example;
      this.hash = hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key that
          && hash == that.hash
          && (example == that.example || lanes.match(example, that.example));
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}
