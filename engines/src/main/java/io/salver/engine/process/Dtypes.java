package io.salver.engine.process;

import io.salver.tensor.DType;

/** The numbers of element types in frames: 1 for BOOL to 16 for STRING, in the order of DType. */
final class Dtypes {
  private static final DType[] ALL = DType.values();

  private Dtypes() {}

  static int code(DType dtype) {
    return dtype.ordinal() + 1;
  }

  static DType of(int code) throws BrokenWorkerException {
    if (code < 1 || code > ALL.length) {
      throw BrokenWorkerException.garbage(
          "element type: " + code + " (expected: 1 to " + ALL.length + ")");
    }
    return ALL[code - 1];
  }
}
