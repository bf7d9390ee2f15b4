package io.salver.server.tfserving;

import io.salver.server.tfserving.ExampleTask.Classified;
import io.salver.server.tfserving.ExampleTask.Regressed;
import io.salver.server.tfserving.ExampleTask.Result;
import io.salver.tensor.Tensor;
import io.salver.wire.ProtoEncoder;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code ClassificationResult} and {@code RegressionResult} messages: first the size, then
 * the message into memory of that size. Stateless.
 */
final class ExampleResultWriter {
  private static final int CLASSIFICATIONS = 1;
  private static final int CLASSES = 1;
  private static final int LABEL = 1;
  private static final int SCORE = 2;
  private static final int REGRESSIONS = 1;
  private static final int VALUE = 1;
  private static final int FLOAT_FIELD_BYTES = 1 + Float.BYTES;

  private ExampleResultWriter() {}

  static long size(Result result) {
    return switch (result) {
      case Classified classified -> size(classified);
      case Regressed(Tensor values) -> size(values);
    };
  }

  static void write(Result result, ProtoEncoder out) {
    switch (result) {
      case Classified classified -> write(classified, out);
      case Regressed(Tensor values) -> write(values, out);
    }
  }

  private static long size(Classified result) {
    Tensor some = some(result);
    long size = 0;
    for (long row = 0; row < some.shape().dim(0); row++) {
      size += ProtoEncoder.fieldSize(CLASSIFICATIONS, rowSize(result, row, some.shape().dim(1)));
    }
    return size;
  }

  private static void write(Classified result, ProtoEncoder out) {
    Tensor some = some(result);
    long columns = some.shape().dim(1);
    for (long row = 0; row < some.shape().dim(0); row++) {
      out.begin(CLASSIFICATIONS, rowSize(result, row, columns));
      for (long i = row * columns; i < (row + 1) * columns; i++) {
        writeClass(result, i, out);
      }
    }
  }

  private static Tensor some(Classified result) {
    Tensor labels = result.labels();
    Tensor scores = result.scores();
    if (labels != null) {
      return labels;
    }
    if (scores != null) {
      return scores;
    }
    throw new AssertionError("a classification has labels or scores");
  }

  private static long rowSize(Classified result, long row, long columns) {
    long size = 0;
    for (long i = row * columns; i < (row + 1) * columns; i++) {
      size += ProtoEncoder.fieldSize(CLASSES, classSize(result, i));
    }
    return size;
  }

  private static long classSize(Classified result, long i) {
    long label = result.labels() == null ? 0 : result.labels().getString(i).byteSize();
    return (label == 0 ? 0 : ProtoEncoder.fieldSize(LABEL, label))
        + (bits(result.scores(), i) == 0 ? 0 : FLOAT_FIELD_BYTES);
  }

  private static void writeClass(Classified result, long i, ProtoEncoder out) {
    out.begin(CLASSES, classSize(result, i));
    if (result.labels() != null) {
      MemorySegment label = result.labels().getString(i);
      if (label.byteSize() > 0) {
        out.begin(LABEL, label.byteSize());
        out.raw(label, 0, label.byteSize());
      }
    }
    writeFloat(SCORE, bits(result.scores(), i), out);
  }

  private static long size(Tensor values) {
    long size = 0;
    for (long i = 0; i < values.elementCount(); i++) {
      size += ProtoEncoder.fieldSize(REGRESSIONS, bits(values, i) == 0 ? 0 : FLOAT_FIELD_BYTES);
    }
    return size;
  }

  private static void write(Tensor values, ProtoEncoder out) {
    for (long i = 0; i < values.elementCount(); i++) {
      int bits = bits(values, i);
      out.begin(REGRESSIONS, bits == 0 ? 0 : FLOAT_FIELD_BYTES);
      writeFloat(VALUE, bits, out);
    }
  }

  /** A float's bits; 0, and only 0, is the default that is not written. */
  private static int bits(@Nullable Tensor floats, long i) {
    return floats == null ? 0 : floats.getInt(i);
  }

  private static void writeFloat(int field, int bits, ProtoEncoder out) {
    if (bits != 0) {
      out.tag(field, ProtoReader.FIXED32);
      out.fixed32(bits);
    }
  }
}
