package io.salver.tensor;

import java.util.Arrays;

/**
 * The dimensions of a tensor, outermost first. Immutable.
 *
 * <p>A dimension of -1 is unknown; {@link #UNKNOWN_RANK} says that not even their number is known.
 * A {@link Tensor}'s shape is always concrete: no dimension is unknown.
 */
public final class Shape {
  /** A shape of which nothing is known. */
  public static final Shape UNKNOWN_RANK = new Shape(new long[0], -1, false);

  /** The shape of a single value: no dimensions, one element. */
  public static final Shape SCALAR = new Shape(new long[0], 1, true);

  private final long[] dims;
  private final long elementCount;
  private final boolean rankKnown;

  private Shape(long[] dims, long elementCount, boolean rankKnown) {
    this.dims = dims;
    this.elementCount = elementCount;
    this.rankKnown = rankKnown;
  }

  /**
   * The shape with these dimensions.
   *
   * @param dims each at least -1; copied
   * @throws IllegalArgumentException if a dimension is below -1, or the known dimensions' product
   *     is not a {@code long}
   */
  public static Shape of(long... dims) {
    return dims.length == 0 ? SCALAR : ofOwned(dims.clone());
  }

  /** As {@link #of}, for a caller that gives the array away. */
  static Shape ofOwned(long[] dims) {
    return new Shape(dims, count(dims), true);
  }

  private static long count(long[] dims) {
    long count = 1;
    boolean unknown = false;
    boolean zero = false;
    for (long dim : dims) {
      if (dim < -1) {
        throw new IllegalArgumentException(
            "dimension: " + dim + " in " + Arrays.toString(dims) + " (expected: >= 0, or -1)");
      }
      zero |= dim == 0;
      unknown |= dim == -1;
    }
    for (long dim : dims) {
      if (dim > 0 && !zero) {
        if (Math.multiplyHigh(count, dim) != 0 || count * dim < 0) {
          throw new IllegalArgumentException(
              "dimensions: " + Arrays.toString(dims) + " (expected: a product below 2^63)");
        }
        count *= dim;
      }
    }
    return unknown ? -1 : zero ? 0 : count;
  }

  /** Whether the number of dimensions is known. */
  public boolean isRankKnown() {
    return rankKnown;
  }

  /** Whether every dimension is known. */
  public boolean isConcrete() {
    return elementCount >= 0;
  }

  /** The number of dimensions; 0 for {@link #UNKNOWN_RANK}. */
  public int rank() {
    return dims.length;
  }

  /** Dimension {@code i}, -1 where it is unknown. */
  public long dim(int i) {
    return dims[i];
  }

  /** A copy of the dimensions. */
  public long[] dims() {
    return dims.clone();
  }

  /**
   * This shape with another dimension 0.
   *
   * @throws IndexOutOfBoundsException if it has none
   */
  public Shape withFirst(long dim) {
    long[] changed = dims.clone();
    changed[0] = dim;
    return ofOwned(changed);
  }

  /** The number of elements, -1 unless {@link #isConcrete()}. */
  public long elementCount() {
    return elementCount;
  }

  /** Whether a tensor of the concrete shape {@code actual} fits this, perhaps partial, shape. */
  public boolean accepts(Shape actual) {
    if (!rankKnown) {
      return true;
    }
    if (!actual.rankKnown || actual.dims.length != dims.length) {
      return false;
    }
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] != -1 && dims[i] != actual.dims[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that
        && rankKnown == that.rankKnown
        && Arrays.equals(dims, that.dims);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(dims) + Boolean.hashCode(rankKnown);
  }

  /** As {@code [2,3]}; unknown dimensions as -1, an unknown rank as {@code <unknown>}. */
  @Override
  public String toString() {
    if (!rankKnown) {
      return "<unknown>";
    }
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < dims.length; i++) {
      text.append(i == 0 ? "" : ",").append(dims[i]);
    }
    return text.append(']').toString();
  }
}
