package io.salver.engine.opencv;

import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks over a {@code .caffemodel} before OpenCV parses it. Field numbers are those of Caffe's
 * {@code caffe.proto}.
 */
final class WeightsScan {
  private static final int NET_V1_LAYERS = 2;
  private static final int NET_LAYER = 100;
  private static final int V1_LAYER_NAME = 4;
  private static final int V1_LAYER_BLOBS = 6;
  private static final int LAYER_NAME = 1;
  private static final int LAYER_BLOBS = 7;
  private static final int BLOB_DATA = 5;
  private static final int BLOB_SHAPE = 7;
  private static final int BLOB_DOUBLE_DATA = 8;
  private static final int BLOB_RAW_DATA = 10;
  private static final int SHAPE_DIM = 1;
  private static final int MAX_OLD_DIM_FIELD = 4;
  private static final int MAX_LAYERS = 100_000;

  private WeightsScan() {}

  /**
   * Passes over the fields of the network, and of nothing in it.
   *
   * @throws WireFormatException if the last one is cut short, or what is there is no message
   */
  static void requireWhole(MemorySegment content) {
    ProtoReader reader = new ProtoReader(content);
    while (reader.next()) {
      reader.skip();
    }
  }

  /**
   * Checks every layer's blobs: that they have as many numbers as their shape says.
   *
   * @return how many layers there are
   * @throws WireFormatException if a blob does not, or what is there is no such message
   */
  static int check(MemorySegment content) {
    ProtoReader reader = new ProtoReader(content);
    int layers = 0;
    while (reader.next()) {
      switch (reader.field()) {
        case NET_LAYER -> {
          layers++;
          layer(reader, LAYER_NAME, LAYER_BLOBS);
        }
        case NET_V1_LAYERS -> {
          layers++;
          layer(reader, V1_LAYER_NAME, V1_LAYER_BLOBS);
        }
        default -> reader.skip();
      }
    }
    if (layers == 0 || layers > MAX_LAYERS) {
      throw new WireFormatException("layers: " + layers + " (expected: 1 to " + MAX_LAYERS + ")");
    }
    return layers;
  }

  private static void layer(ProtoReader reader, int nameField, int blobsField) {
    String name = "";
    int blobs = 0;
    long outer = reader.enter();
    while (reader.next()) {
      if (reader.field() == nameField) {
        name = reader.readString();
      } else if (reader.field() == blobsField) {
        blob(reader, name, blobs++);
      } else {
        reader.skip();
      }
    }
    reader.leave(outer);
  }

  private static void blob(ProtoReader reader, String layer, int index) {
    List<Long> dims = new ArrayList<>();
    long[] old = new long[MAX_OLD_DIM_FIELD];
    boolean hasOld = false;
    long numbers = 0;
    boolean raw = false;
    long outer = reader.enter();
    while (reader.next()) {
      int field = reader.field();
      if (field <= MAX_OLD_DIM_FIELD) {
        hasOld = true;
        old[field - 1] = reader.readInt64();
      } else if (field == BLOB_SHAPE) {
        addShape(reader, dims);
      } else if (field == BLOB_DATA) {
        numbers += numbers(reader, Float.BYTES, ProtoReader.FIXED32);
      } else if (field == BLOB_DOUBLE_DATA) {
        numbers += numbers(reader, Double.BYTES, ProtoReader.FIXED64);
      } else {
        raw |= field == BLOB_RAW_DATA;
        reader.skip();
      }
    }
    reader.leave(outer);
    if (hasOld && dims.isEmpty()) {
      for (long dim : old) {
        dims.add(dim);
      }
    }
    if (!raw && product(dims) != numbers) {
      throw new WireFormatException(
          "layer \"%s\", blob %d: %d numbers (expected: as many as its shape %s has)"
              .formatted(layer, index, numbers, dims));
    }
  }

  private static void addShape(ProtoReader reader, List<Long> to) {
    long outer = reader.enter();
    while (reader.next()) {
      if (reader.field() != SHAPE_DIM) {
        reader.skip();
      } else if (reader.wireType() == ProtoReader.LENGTH_DELIMITED) {
        long whole = reader.enter();
        while (reader.hasRemaining()) {
          to.add(reader.readVarint());
        }
        reader.leave(whole);
      } else {
        to.add(reader.readInt64());
      }
    }
    reader.leave(outer);
  }

  /** How many numbers a field brings: a packed list, or one. */
  private static long numbers(ProtoReader reader, int sizeBytes, int single) {
    if (reader.wireType() == single) {
      reader.skip();
      return 1;
    }
    return reader.readBytes().byteSize() / sizeBytes;
  }

  /** -1 if a dimension is negative or they are too many. */
  private static long product(List<Long> dims) {
    long product = 1;
    for (long dim : dims) {
      if (dim < 0 || dim > Integer.MAX_VALUE || product > Integer.MAX_VALUE) {
        return -1;
      }
      product *= dim;
    }
    return product;
  }
}
