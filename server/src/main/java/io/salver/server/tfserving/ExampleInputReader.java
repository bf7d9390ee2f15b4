package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntConsumer;

/**
 * Reads the {@code Input} of a classification or regression: its examples become one STRING tensor
 * of serialised {@code Example}s. A context goes in front of each example's own bytes, which in the
 * wire format merges the two messages. Used by one thread, once.
 */
final class ExampleInputReader {
  private static final int EXAMPLE_LIST = 1;
  private static final int EXAMPLE_LIST_WITH_CONTEXT = 2;
  private static final int EXAMPLES = 1;
  private static final int CONTEXT = 2;

  private final ProtoReader reader = new ProtoReader();
  private final MemorySegment message;
  private final int inputField;
  private final TensorArena arena;
  private int kind;
  private long firstList;
  private long count;
  private long exampleBytes;
  private long contextBytes;
  private MemorySegment offsets = MemorySegment.NULL;
  private MemorySegment bytes = MemorySegment.NULL;
  private MemorySegment context = MemorySegment.NULL;
  private long index;
  private long written;
  private long contextWritten;

  /**
   * A reader of one request.
   *
   * @param inputField the field of {@code message} that is its {@code Input}
   */
  ExampleInputReader(MemorySegment message, int inputField, TensorArena arena) {
    this.message = message;
    this.inputField = inputField;
    this.arena = arena;
  }

  /**
   * The examples.
   *
   * @return STRING [n], n at least 1
   * @throws ServingException if there are none
   */
  Tensor read() {
    forEachList(this::countList);
    if (count == 0) {
      throw ServingException.invalid("Input is empty.");
    }
    context = arena.allocate(contextBytes);
    forEachList(this::copyContext);
    offsets = arena.allocate((count + 1) * Long.BYTES);
    bytes = arena.allocate(exampleBytes + count * contextBytes);
    forEachList(this::copyExamples);
    offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, count * Long.BYTES, written);
    return Tensor.ofStrings(Shape.of(count), offsets, bytes);
  }

  /** Gives {@code action} the field of each list of examples; the reader stands inside of it. */
  private void forEachList(IntConsumer action) {
    reader.reset(message);
    while (reader.next()) {
      if (reader.field() != inputField) {
        reader.skip();
        continue;
      }
      long outer = reader.enter();
      while (reader.next()) {
        int field = reader.field();
        if (field == EXAMPLE_LIST || field == EXAMPLE_LIST_WITH_CONTEXT) {
          long list = reader.enter();
          action.accept(field);
          reader.leave(list);
        } else {
          reader.skip();
        }
      }
      reader.leave(outer);
    }
  }

  private void countList(int field) {
    if (field != kind) {
      // Of the two kinds of list the one that comes last counts, as in any oneof.
      kind = field;
      firstList = reader.position();
      count = 0;
      exampleBytes = 0;
      contextBytes = 0;
    }
    while (reader.next()) {
      if (reader.field() == EXAMPLES) {
        exampleBytes += skipLength();
        count++;
      } else if (isContext()) {
        contextBytes += skipLength();
      } else {
        reader.skip();
      }
    }
  }

  private boolean isContext() {
    return reader.field() == CONTEXT && kind == EXAMPLE_LIST_WITH_CONTEXT;
  }

  private long skipLength() {
    long outer = reader.enter();
    long length = reader.end() - reader.position();
    reader.leave(outer);
    return length;
  }

  private void copyContext(int field) {
    if (isCleared(field)) {
      return;
    }
    while (reader.next()) {
      if (isContext()) {
        contextWritten += copyField(context, contextWritten);
      } else {
        reader.skip();
      }
    }
  }

  private void copyExamples(int field) {
    if (isCleared(field)) {
      return;
    }
    while (reader.next()) {
      if (reader.field() != EXAMPLES) {
        reader.skip();
        continue;
      }
      offsets.set(ValueLayout.JAVA_LONG_UNALIGNED, index++ * Long.BYTES, written);
      MemorySegment.copy(context, 0, bytes, written, contextBytes);
      written += contextBytes;
      written += copyField(bytes, written);
    }
  }

  /** Whether a list of the other kind came after this one. */
  private boolean isCleared(int field) {
    return field != kind || reader.position() < firstList;
  }

  private long copyField(MemorySegment to, long at) {
    long outer = reader.enter();
    long length = reader.end() - reader.position();
    MemorySegment.copy(message, reader.position(), to, at, length);
    reader.leave(outer);
    return length;
  }
}
