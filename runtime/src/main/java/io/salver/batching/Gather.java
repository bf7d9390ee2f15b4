package io.salver.batching;

import io.salver.engine.Batch;
import io.salver.predict.PredictRequest;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Puts the inputs of requests of one lane one after the other into new memory. Rows beyond the
 * requests' own repeat the first row of the last request; elements beyond a request's own inner
 * dimensions are zero, or empty.
 */
final class Gather {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final Group group;
  private final int from;
  private final int to;
  private final long runRows;
  private final TensorArena arena;

  private Gather(Group group, int from, int to, long runRows, TensorArena arena) {
    this.group = group;
    this.from = from;
    this.to = to;
    this.runRows = runRows;
    this.arena = arena;
  }

  /**
   * A batch of the requests from {@code from} to before {@code to}.
   *
   * @param runRows at least as many rows as they have
   * @throws io.salver.tensor.MemoryLimitException if there is no memory for it
   */
  static Batch of(Group group, int from, int to, long runRows, TensorArena arena) {
    return new Gather(group, from, to, runRows, arena).batch();
  }

  private Batch batch() {
    PredictRequest first = group.request(from);
    @Nullable Tensor[] inputs = new Tensor[first.inputs().length];
    for (int i = 0; i < inputs.length; i++) {
      Tensor example = first.inputs()[i];
      inputs[i] = example == null ? null : gather(i, example);
    }
    return new Batch(
        first.signature(), inputs, first.wanted(), arena, group.lastDeadlineNs(from, to));
  }

  private Tensor input(int member, int i) {
    Tensor input = group.request(member).inputs()[i];
    if (input == null) {
      throw new AssertionError("requests of one lane leave out the same inputs");
    }
    return input;
  }

  private Tensor gather(int i, Tensor example) {
    Shape shape = shape(i, example);
    boolean even = isEven(i, shape);
    if (example.dtype() == DType.STRING) {
      return new StringGather(i, shape, even).tensor();
    }
    Tensor all = arena.allocate(example.dtype(), shape);
    long rowBytes = all.data().byteSize() / runRows;
    long at = 0;
    for (int member = from; member < to; member++) {
      Tensor input = input(member, i);
      if (even) {
        MemorySegment.copy(input.data(), 0, all.data(), at, input.data().byteSize());
      } else {
        copyPadded(input, all, at);
      }
      at += rowBytes * input.shape().dim(0);
    }
    long repeated = at - rowBytes * group.request(to - 1).rows();
    for (; at < all.data().byteSize(); at += rowBytes) {
      MemorySegment.copy(all.data(), repeated, all.data(), at, rowBytes);
    }
    return all;
  }

  /** The shape that holds input {@code i} of every request. */
  private Shape shape(int i, Tensor example) {
    long[] dims = example.shape().dims();
    dims[0] = runRows;
    for (int member = from + 1; member < to; member++) {
      Shape other = input(member, i).shape();
      for (int d = 1; d < dims.length; d++) {
        dims[d] = Math.max(dims[d], other.dim(d));
      }
    }
    return Shape.of(dims);
  }

  private boolean isEven(int i, Shape shape) {
    for (int member = from; member < to; member++) {
      if (!Lanes.sameInner(input(member, i).shape(), shape)) {
        return false;
      }
    }
    return true;
  }

  /** Copies {@code input} to byte {@code at} of the larger {@code all}, zeros around it. */
  private static void copyPadded(Tensor input, Tensor all, long at) {
    int size = input.dtype().sizeBytes();
    long rowElements = all.elementCount() / all.shape().dim(0);
    all.data().asSlice(at, rowElements * input.shape().dim(0) * size).fill((byte) 0);
    Runs runs = new Runs(input.shape(), all.shape());
    long bytes = runs.length() * size;
    for (long source = 0; source < input.data().byteSize(); source += bytes) {
      MemorySegment.copy(input.data(), source, all.data(), at + runs.next() * size, bytes);
    }
  }

  /**
   * Where the innermost runs of elements of a small tensor of rank 2 or more lie in a larger one,
   * in order.
   */
  private static final class Runs {
    private final Shape small;
    private final Shape large;
    private final long[] index;

    Runs(Shape small, Shape large) {
      this.small = small;
      this.large = large;
      this.index = new long[small.rank()];
    }

    /** The elements of a run: the innermost dimension. */
    long length() {
      return small.dim(small.rank() - 1);
    }

    /** The element of the large tensor at which the next run begins. */
    long next() {
      long at = 0;
      for (int d = 0; d < small.rank(); d++) {
        at = at * large.dim(d) + index[d];
      }
      advance(small.rank() - 2);
      return at;
    }

    private void advance(int last) {
      for (int d = last; d >= 0; d--) {
        index[d]++;
        if (d == 0 || index[d] < small.dim(d)) {
          return;
        }
        index[d] = 0;
      }
    }
  }

  /** Puts strings together: counts their bytes, then copies. */
  private final class StringGather {
    private final int input;
    private final Shape shape;
    private final boolean even;
    private final MemorySegment offsets;
    private final MemorySegment bytes;
    private long element;
    private long usedBytes;

    StringGather(int input, Shape shape, boolean even) {
      this.input = input;
      this.shape = shape;
      this.even = even;
      this.offsets = arena.allocate((shape.elementCount() + 1) * Long.BYTES);
      this.bytes = arena.allocate(countBytes());
    }

    private long countBytes() {
      long sum = 0;
      for (int member = from; member < to; member++) {
        sum += length(input(member, input), 0, elements(member));
      }
      Tensor last = input(to - 1, input);
      long rowElements = last.elementCount() / last.shape().dim(0);
      return sum + (runRows - group.rows(from, to)) * length(last, 0, rowElements);
    }

    private long elements(int member) {
      return input(member, input).elementCount();
    }

    private static long length(Tensor strings, long from, long to) {
      MemorySegment offsets = strings.offsets();
      return offsets.get(LONG, to * Long.BYTES) - offsets.get(LONG, from * Long.BYTES);
    }

    Tensor tensor() {
      offsets.set(LONG, 0, 0);
      for (int member = from; member < to; member++) {
        Tensor strings = input(member, input);
        copy(strings, strings.shape());
      }
      Tensor last = input(to - 1, input);
      long[] oneRow = last.shape().dims();
      oneRow[0] = 1;
      for (long row = group.rows(from, to); row < runRows; row++) {
        copy(last, Shape.of(oneRow));
      }
      return Tensor.ofStrings(shape, offsets, bytes);
    }

    /** Copies the first elements of {@code strings}, as many as {@code part} has. */
    private void copy(Tensor strings, Shape part) {
      if (even) {
        for (long i = 0; i < part.elementCount(); i++) {
          add(strings, i);
        }
        return;
      }
      long begin = element;
      Runs runs = new Runs(part, shape);
      for (long i = 0; i < part.elementCount(); i += runs.length()) {
        addEmptyUntil(begin + runs.next());
        for (long j = 0; j < runs.length(); j++) {
          add(strings, i + j);
        }
      }
      addEmptyUntil(begin + shape.elementCount() / runRows * part.dim(0));
    }

    private void addEmptyUntil(long end) {
      while (element < end) {
        element++;
        offsets.set(LONG, element * Long.BYTES, usedBytes);
      }
    }

    private void add(Tensor strings, long i) {
      MemorySegment value = strings.getString(i);
      MemorySegment.copy(value, 0, bytes, usedBytes, value.byteSize());
      usedBytes += value.byteSize();
      element++;
      offsets.set(LONG, element * Long.BYTES, usedBytes);
    }
  }
}
