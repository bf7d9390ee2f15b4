package io.salver.server.json;

import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.util.Arrays;

/**
 * Reads nested JSON lists into one tensor, in one pass. The shape is that of the nesting: a value
 * has none, a list has its length in front of the shape of its elements, which all have the same.
 *
 * <p>Either {@link #begin}, {@link #readValue}, {@link #finish}; or {@link #begin}, {@link
 * #readRow} as often as there are rows, and {@link #finishRows}. Element types are converted as
 * {@link ElementReader} says. Errors are {@link ServingException}s with TensorFlow Serving's words.
 *
 * <p>Used again and again by one thread; holds memory of the arena between begin and finish only.
 */
public final class JsonTensorReader {
  /** The deepest nesting of lists. */
  public static final int MAX_RANK = 32;

  private static final int UNKNOWN = -1;

  private final JsonReader reader;
  private final ElementReader elements;

  private final long[] dims = new long[MAX_RANK];
  private final long[] counts = new long[MAX_RANK];
  private int rank;

  private final long[] rowDims = new long[MAX_RANK];
  private int rowRank;
  private long rowElements;
  private long rows;

  /** A reader of tensors from {@code reader}'s text. */
  public JsonTensorReader(JsonReader reader) {
    this.reader = reader;
    this.elements = new ElementReader(reader);
  }

  /** Starts a tensor of this type in {@code arena}. */
  public void begin(DType dtype, TensorArena arena) {
    rows = 0;
    elements.begin(dtype, arena);
  }

  /** How many rows were read since {@link #begin}. */
  public long rows() {
    return rows;
  }

  /** The tensor that {@link #readValue} read. */
  public Tensor finish() {
    return elements.finish(Shape.of(Arrays.copyOf(dims, rank)));
  }

  /** The rows as one tensor: their number in front of their common shape. At least one. */
  public Tensor finishRows() {
    long[] shape = new long[rowRank + 1];
    shape[0] = rows;
    System.arraycopy(rowDims, 0, shape, 1, rowRank);
    return elements.finish(Shape.of(shape));
  }

  /** Reads the next value as one more row, of the same shape as the others. */
  public void readRow() {
    long before = elements.count();
    readValue();
    endRow(elements.count() - before);
  }

  /**
   * Reads the next value as one more row if it is a {@code {"b64": "..."}}.
   *
   * @return false, without moving, if it is another
   */
  public boolean tryReadBase64Row() {
    int start = reader.position();
    if (!reader.tryReadBase64()) {
      return false;
    }
    if (!elements.isString()) {
      reader.moveTo(start);
      throw elements.typeError();
    }
    rank = 0;
    elements.appendBase64();
    endRow(1);
    return true;
  }

  private void endRow(long read) {
    if (rows == 0) {
      rowRank = rank;
      rowElements = read;
      System.arraycopy(dims, 0, rowDims, 0, rank);
    } else if (rowElements != read) {
      throw ServingException.invalid("Expecting tensor size: " + rowElements + " but got: " + read);
    } else if (!Arrays.equals(rowDims, 0, rowRank, dims, 0, rank)) {
      throw ServingException.invalid(
          "Expecting shape "
              + Shape.of(Arrays.copyOf(rowDims, rowRank))
              + " but got: "
              + Shape.of(Arrays.copyOf(dims, rank)));
    }
    rows++;
  }

  /** Reads the next value. */
  public void readValue() {
    rank = UNKNOWN;
    int depth = 0;
    do {
      if (reader.peek() != '[') {
        checkLevel(depth);
        rank = depth;
        if (depth == 0) {
          elements.readElement();
          return;
        }
        depth = close(depth, readRuns(depth));
      } else {
        enter(depth);
        depth = reader.firstElement() ? depth + 1 : close(depth + 1, 0);
      }
    } while (depth > 0);
  }

  /** Reads the rest of an innermost list, and others with it that follow; returns its length. */
  private long readRuns(int depth) {
    if (depth == 1) {
      return elements.readRun(1, UNKNOWN);
    }
    long length = elements.readRun(depth, dims[depth - 1]);
    counts[depth - 2] += elements.passedLists();
    return length;
  }

  private void checkLevel(int depth) {
    if (rank != UNKNOWN && depth != rank) {
      throw ServingException.invalid(
          "JSON Value: "
              + reader.debug(reader.position())
              + " found at incorrect level: "
              + (depth + 1)
              + " in the JSON DOM. Expected at level: "
              + rank);
    }
  }

  private void enter(int depth) {
    if (rank != UNKNOWN && depth >= rank) {
      throw listTooDeep(depth);
    }
    if (depth == MAX_RANK) {
      throw ServingException.invalid(
          "JSON list nested deeper than "
              + MAX_RANK
              + " at offset: "
              + reader.position()
              + " (expected: at most "
              + MAX_RANK
              + ", the highest rank of a tensor)");
    }
    counts[depth] = 0;
    if (rank == UNKNOWN) {
      dims[depth] = UNKNOWN;
    }
  }

  static ServingException listTooDeep(int depth) {
    return ServingException.invalid(
        "Encountered list at unexpected level: " + depth + " expected < " + depth);
  }

  /**
   * Ends the list at level {@code depth - 1}, which had {@code size} elements, and those around it
   * that end with it.
   *
   * @return the depth of the element that comes next, 0 if there is none
   */
  private int close(int depth, long size) {
    int level = depth - 1;
    long length = size;
    if (rank == UNKNOWN) {
      rank = depth;
    }
    while (true) {
      endList(level, length);
      if (level == 0) {
        return 0;
      }
      level--;
      length = ++counts[level];
      if (reader.nextElement()) {
        return level + 1;
      }
    }
  }

  private void endList(int level, long length) {
    if (dims[level] == UNKNOWN) {
      dims[level] = length;
    } else if (dims[level] != length) {
      throw ServingException.invalid(
          "Encountered list at unexpected size: "
              + length
              + " at level: "
              + level
              + " expected size: "
              + dims[level]);
    }
  }
}
