package io.salver.engine.onnx;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Makes ordinary tensors, in the batch's memory, of maps and sequences. Used by one run. */
final class CollectionReader {
  private final OrtRuntime runtime;
  private final ValueReader reader;
  private final TensorArena arena;
  private final String output;

  /**
   * A reader.
   *
   * @param output the name of the output, for messages
   */
  CollectionReader(OrtRuntime runtime, ValueReader reader, TensorArena arena, String output) {
    this.runtime = runtime;
    this.reader = reader;
    this.arena = arena;
    this.output = output;
  }

  /** The labels of a map, or those that all maps of a sequence share: {@code [classes]}. */
  Tensor labels(long value, OnnxType.OfMap type) {
    if (!type.sequence()) {
      return copyOfPart(value, 0, type.keys());
    }
    if (reader.count(value) == 0) {
      return empty(type.keys(), Shape.of(0));
    }
    long row = element(value, 0);
    try {
      return copyOfPart(row, 0, type.keys());
    } finally {
      runtime.api().releaseValue(row);
    }
  }

  /** The values of a map, {@code [classes]}, or of a sequence of maps, {@code [rows, classes]}. */
  Tensor values(long value, OnnxType.OfMap type) {
    if (!type.sequence()) {
      return copyOfPart(value, 1, type.values());
    }
    long rows = reader.count(value);
    if (rows == 0) {
      return empty(type.values(), Shape.of(0, 0));
    }
    Tensor labels = labels(value, type);
    Tensor all = arena.allocate(type.values(), Shape.of(rows, labels.elementCount()));
    for (long row = 0; row < rows; row++) {
      copyRow(value, row, type, labels, all);
    }
    return all;
  }

  private void copyRow(long value, long row, OnnxType.OfMap type, Tensor labels, Tensor all) {
    long map = element(value, row);
    try {
      if (row > 0 && !haveKeys(map, type.keys(), labels)) {
        throw new ServingException(
            Category.INTERNAL,
            "output \""
                + output
                + "\": row "
                + row
                + " has other labels than row 0 (expected: the same in every row)");
      }
      copyPartInto(map, 1, type.values(), all, row);
    } finally {
      runtime.api().releaseValue(map);
    }
  }

  private boolean haveKeys(long map, DType dtype, Tensor labels) {
    long keys = element(map, 0);
    try {
      Tensor actual = dtype == DType.STRING ? reader.strings(keys) : reader.view(keys, dtype);
      return actual.shape().equals(labels.shape())
          && actual.data().mismatch(labels.data()) < 0
          && (dtype != DType.STRING || actual.offsets().mismatch(labels.offsets()) < 0);
    } finally {
      runtime.api().releaseValue(keys);
    }
  }

  /** The tensors of a sequence, which have to have one shape, as one: {@code [length, ...]}. */
  Tensor stacked(long value, OnnxType.OfTensorSequence type) {
    long length = reader.count(value);
    if (length == 0) {
      return empty(type.dtype(), Shape.of(0));
    }
    Tensor first = copyOfPart(value, 0, type.dtype());
    long[] dims = new long[first.shape().rank() + 1];
    dims[0] = length;
    System.arraycopy(first.shape().dims(), 0, dims, 1, dims.length - 1);
    Tensor all = arena.allocate(type.dtype(), Shape.of(dims));
    for (long i = 0; i < length; i++) {
      copyPartInto(value, i, type.dtype(), all, i);
    }
    return all;
  }

  private Tensor copyOfPart(long value, long i, DType dtype) {
    long part = element(value, i);
    try {
      if (dtype == DType.STRING) {
        return reader.strings(part);
      }
      Tensor view = reader.view(part, dtype);
      Tensor copy = arena.allocate(dtype, view.shape());
      copy.data().copyFrom(view.data());
      return copy;
    } finally {
      runtime.api().releaseValue(part);
    }
  }

  private void copyPartInto(long value, long i, DType dtype, Tensor all, long row) {
    long part = element(value, i);
    try {
      MemorySegment data = reader.view(part, dtype).data();
      long rowBytes = all.data().byteSize() / all.shape().dim(0);
      if (data.byteSize() != rowBytes) {
        throw new ServingException(
            Category.INTERNAL,
            "output \""
                + output
                + "\": element "
                + row
                + " of the sequence has "
                + data.byteSize()
                + " bytes (expected: "
                + rowBytes
                + ", as element 0)");
      }
      MemorySegment.copy(data, 0, all.data(), row * rowBytes, rowBytes);
    } finally {
      runtime.api().releaseValue(part);
    }
  }

  private Tensor empty(DType dtype, Shape shape) {
    if (dtype.isFixedSize()) {
      return arena.allocate(dtype, shape);
    }
    MemorySegment offsets = arena.allocate(Long.BYTES);
    offsets.set(ValueLayout.JAVA_LONG, 0, 0L);
    return Tensor.ofStrings(shape, offsets, arena.allocate(0));
  }

  private long element(long value, long i) {
    return reader.element(value, i, runtime.allocator());
  }
}
