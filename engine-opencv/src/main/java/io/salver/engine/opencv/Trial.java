package io.salver.engine.opencv;

import io.salver.tensor.Shape;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_dnn.Net;

/** Runs a network with zeros, to see the shapes that it makes. */
final class Trial {
  private Trial() {}

  /**
   * The shapes of the outputs.
   *
   * @param moreRows how many rows beyond those that are declared
   * @throws RuntimeException of OpenCV, if it cannot be run
   */
  static List<Shape> outputs(
      Net net, Map<String, Shape> inputs, List<String> layers, long moreRows) {
    try (PointerScope scope = new PointerScope();
        Arena arena = Arena.ofConfined()) {
      for (String name : inputs.keySet()) {
        Shape declared = inputs.get(name);
        Shape shape = declared.withFirst(declared.dim(0) + moreRows);
        net.setInput(
            Blobs.of(shape, arena.allocate(shape.elementCount() * Float.BYTES)),
            name,
            1,
            new Scalar());
      }
      MatVector outputs = Blobs.forward(net, layers);
      List<Shape> shapes = new ArrayList<>();
      for (Mat output : outputs.get()) {
        shapes.add(Blobs.shape(output));
      }
      return shapes;
    }
  }

  /** As {@link #outputs}; empty if it cannot be run with so many rows. */
  static List<Shape> outputsIfAny(
      Net net, Map<String, Shape> inputs, List<String> layers, long moreRows) {
    try {
      return outputs(net, inputs, layers, moreRows);
    } catch (RuntimeException e) {
      return List.of();
    }
  }

  /** Whether each output has a row for each of the inputs', with one row more as without. */
  static boolean grewByRows(Map<String, Shape> inputs, List<Shape> declared, List<Shape> more) {
    long rows = inputs.values().iterator().next().dim(0);
    for (int i = 0; i < declared.size(); i++) {
      if (i >= more.size()
          || declared.get(i).dim(0) != rows
          || !more.get(i).equals(declared.get(i).withFirst(rows + 1))) {
        return false;
      }
    }
    return true;
  }
}
