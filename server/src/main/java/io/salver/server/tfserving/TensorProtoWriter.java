package io.salver.server.tfserving;

import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.wire.ProtoEncoder;
import io.salver.wire.ProtoReader;
import java.lang.foreign.MemorySegment;

/**
 * Writes tensors as {@code TensorProto}. Sizes come first, so that the message can be written into
 * memory of exactly its size. Stateless.
 */
final class TensorProtoWriter {
  private static final int DTYPE = 1;
  private static final int SHAPE = 2;
  private static final int CONTENT = 4;
  private static final int DIM = 2;
  private static final int DIM_SIZE = 1;

  private TensorProtoWriter() {}

  /**
   * The bytes of the elements alone, without what stands in front of them.
   *
   * @param asContent whether elements go to {@code tensor_content} instead of the type's own field
   */
  static long payloadSize(Tensor tensor, boolean asContent) {
    DType dtype = tensor.dtype();
    if (dtype == DType.STRING) {
      return stringsSize(tensor, asContent);
    }
    if (asContent || isRaw(dtype)) {
      return tensor.data().byteSize();
    }
    long size = 0;
    for (long i = 0; i < tensor.elementCount(); i++) {
      size += ProtoEncoder.varintSize(integer(tensor, i));
    }
    return size;
  }

  /** The bytes of the whole message, given its {@link #payloadSize}. */
  static long size(Tensor tensor, long payloadSize, boolean asContent) {
    long size = 1L + ProtoEncoder.varintSize(TensorTypes.number(tensor.dtype()));
    size += ProtoEncoder.fieldSize(SHAPE, shapeSize(tensor.shape()));
    if (tensor.elementCount() == 0) {
      return size;
    }
    if (tensor.dtype() == DType.STRING && !asContent) {
      return size + payloadSize;
    }
    return size + ProtoEncoder.fieldSize(payloadField(tensor.dtype(), asContent), payloadSize);
  }

  /** Writes the message, whose {@link #payloadSize} this is. */
  static void write(Tensor tensor, long payloadSize, boolean asContent, ProtoEncoder out) {
    DType dtype = tensor.dtype();
    out.tag(DTYPE, ProtoReader.VARINT);
    out.varint(TensorTypes.number(dtype));
    writeShape(tensor.shape(), out);
    if (tensor.elementCount() == 0) {
      return;
    }
    if (dtype == DType.STRING && !asContent) {
      writeStrings(tensor, out);
      return;
    }
    out.begin(payloadField(dtype, asContent), payloadSize);
    if (dtype == DType.STRING) {
      writeStringContent(tensor, out);
    } else if (asContent || isRaw(dtype)) {
      out.raw(tensor.data(), 0, tensor.data().byteSize());
    } else {
      for (long i = 0; i < tensor.elementCount(); i++) {
        out.varint(integer(tensor, i));
      }
    }
  }

  private static int payloadField(DType dtype, boolean asContent) {
    return asContent ? CONTENT : TensorTypes.valueField(dtype);
  }

  /** Whether the elements' memory is what a packed list of them looks like. */
  private static boolean isRaw(DType dtype) {
    return dtype == DType.BOOL || TensorTypes.fixedValueBytes(dtype) > 0;
  }

  private static long integer(Tensor tensor, long i) {
    return switch (tensor.dtype()) {
      case INT32 -> tensor.getInt(i);
      case INT16 -> tensor.getShort(i);
      case INT8 -> tensor.getByte(i);
      case UINT8 -> tensor.getByte(i) & 0xff;
      case UINT16, FLOAT16, BFLOAT16 -> tensor.getShort(i) & 0xffff;
      case UINT32 -> tensor.getInt(i) & 0xffffffffL;
      case INT64, UINT64 -> tensor.getLong(i);
      case FLOAT32, FLOAT64, COMPLEX64, COMPLEX128, BOOL, STRING ->
          throw new AssertionError(tensor.dtype() + " is not carried as integers");
    };
  }

  private static long shapeSize(Shape shape) {
    long size = 0;
    for (int i = 0; i < shape.rank(); i++) {
      size += 2 + dimSize(shape.dim(i));
    }
    return size;
  }

  private static int dimSize(long dim) {
    return dim == 0 ? 0 : 1 + ProtoEncoder.varintSize(dim);
  }

  private static void writeShape(Shape shape, ProtoEncoder out) {
    out.begin(SHAPE, shapeSize(shape));
    for (int i = 0; i < shape.rank(); i++) {
      long dim = shape.dim(i);
      out.begin(DIM, dimSize(dim));
      if (dim != 0) {
        out.tag(DIM_SIZE, ProtoReader.VARINT);
        out.varint(dim);
      }
    }
  }

  private static long stringsSize(Tensor tensor, boolean asContent) {
    int field = TensorTypes.valueField(DType.STRING);
    long size = 0;
    for (long i = 0; i < tensor.elementCount(); i++) {
      long length = tensor.getString(i).byteSize();
      size +=
          asContent
              ? ProtoEncoder.varintSize(length) + length
              : ProtoEncoder.fieldSize(field, length);
    }
    return size;
  }

  private static void writeStrings(Tensor tensor, ProtoEncoder out) {
    int field = TensorTypes.valueField(DType.STRING);
    for (long i = 0; i < tensor.elementCount(); i++) {
      MemorySegment string = tensor.getString(i);
      out.begin(field, string.byteSize());
      out.raw(string, 0, string.byteSize());
    }
  }

  private static void writeStringContent(Tensor tensor, ProtoEncoder out) {
    for (long i = 0; i < tensor.elementCount(); i++) {
      out.varint(tensor.getString(i).byteSize());
    }
    for (long i = 0; i < tensor.elementCount(); i++) {
      MemorySegment string = tensor.getString(i);
      out.raw(string, 0, string.byteSize());
    }
  }
}
