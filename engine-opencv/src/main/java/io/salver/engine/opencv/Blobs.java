package io.salver.engine.opencv;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.StringVector;
import org.bytedeco.opencv.opencv_dnn.Net;

/** Between Salver's tensors and OpenCV's arrays, in the caller's scope. */
final class Blobs {
  /** Memory of others. */
  static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }

  private Blobs() {}

  /** An array of floats over memory that stays the caller's. */
  static Mat of(Shape shape, MemorySegment data) {
    int[] sizes = new int[shape.rank()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Math.toIntExact(shape.dim(i));
    }
    return new Mat(sizes.length, sizes, opencv_core.CV_32F, new Address(data.address()));
  }

  /** Runs a network whose inputs have been set; the answers are the network's own memory. */
  static MatVector forward(Net net, List<String> layers) {
    MatVector outputs = new MatVector();
    net.forward(outputs, new StringVector(layers.toArray(String[]::new)));
    return outputs;
  }

  /** The shape of an array. */
  static Shape shape(Mat mat) {
    long[] dims = new long[mat.dims()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = mat.size(i);
    }
    return Shape.of(dims);
  }

  /** A copy of an array of floats. */
  static Tensor copy(Mat mat, String output, TensorArena arena) {
    if (mat.depth() != opencv_core.CV_32F) {
      throw new ServingException(
          Category.INTERNAL,
          "output \"%s\": OpenCV's type %d (expected: %d, floats)"
              .formatted(output, mat.depth(), opencv_core.CV_32F));
    }
    Mat plain = mat.isContinuous() ? mat : mat.clone();
    Tensor copy = arena.allocate(DType.FLOAT32, shape(plain));
    long sizeBytes = copy.data().byteSize();
    if (sizeBytes > 0) {
      copy.data().copyFrom(MemorySegment.ofAddress(plain.data().address()).reinterpret(sizeBytes));
    }
    return copy;
  }
}
