package io.salver.engine.steps;

import io.salver.engine.ModelLoadException;
import io.salver.tensor.Shape;
import io.salver.tensor.TensorSpec;

/**
 * How a model wants an image.
 *
 * @param channelsFirst whether a tensor is [n, channels, height, width] and not [n, height, width,
 *     channels]
 * @param rank 4, or 3 for one channel that has no dimension of its own
 */
record ImageLayout(int height, int width, int channels, boolean channelsFirst, int rank) {
  private static final int MAX_SIDE = 1 << 14;

  /**
   * What the shape of the model's input says, and the step where that leaves it open.
   *
   * @throws ModelLoadException if it cannot be an image's
   */
  static ImageLayout of(StepSpec.Image spec, TensorSpec tensor) throws ModelLoadException {
    Shape shape = tensor.shape();
    if (shape.rank() == 3) {
      return sized(spec, tensor, 1, 2, 1, false);
    }
    if (shape.rank() == 4) {
      boolean first = isChannels(shape.dim(1));
      boolean last = isChannels(shape.dim(3));
      if (first != last) {
        return first
            ? sized(spec, tensor, 2, 3, (int) shape.dim(1), true)
            : sized(spec, tensor, 1, 2, (int) shape.dim(3), false);
      }
    }
    throw new ModelLoadException(
        "tensor: \"%s\" is %s (expected: [n,height,width,channels] or [n,channels,height,width] with 1 or 3 channels)"
            .formatted(spec.tensor(), shape));
  }

  private static boolean isChannels(long dim) {
    return dim == 1 || dim == 3;
  }

  private static ImageLayout sized(
      StepSpec.Image spec, TensorSpec tensor, int h, int w, int channels, boolean channelsFirst)
      throws ModelLoadException {
    if (!spec.heightAndWidth().isEmpty() && spec.heightAndWidth().size() != 2) {
      throw new ModelLoadException(
          "size: " + spec.heightAndWidth() + " (expected: [height, width])");
    }
    int[] size = new int[2];
    for (int i = 0; i < 2; i++) {
      long declared = tensor.shape().dim(i == 0 ? h : w);
      boolean said = !spec.heightAndWidth().isEmpty();
      long side = said ? spec.heightAndWidth().get(i) : declared;
      if (side < 1 || side > MAX_SIDE || declared != -1 && declared != side) {
        throw new ModelLoadException(
            "size: %s (expected: what \"%s\" takes, which is %s, and 1 to %d where that is open)"
                .formatted(
                    said ? spec.heightAndWidth() : "not said",
                    spec.tensor(),
                    tensor.shape(),
                    MAX_SIDE));
      }
      size[i] = (int) side;
    }
    return new ImageLayout(size[0], size[1], channels, channelsFirst, tensor.shape().rank());
  }

  /** The shape of so many images. */
  Shape shape(long rows) {
    if (rank == 3) {
      return Shape.of(rows, height, width);
    }
    return channelsFirst
        ? Shape.of(rows, channels, height, width)
        : Shape.of(rows, height, width, channels);
  }

  /** The values of one image. */
  long elements() {
    return (long) height * width * channels;
  }

  /** Where a value is in its image. */
  int index(int y, int x, int c) {
    return channelsFirst ? (c * height + y) * width + x : (y * width + x) * channels + c;
  }
}
