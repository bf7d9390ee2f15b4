package io.salver.engine.steps;

import io.salver.engine.Batch;
import io.salver.engine.ModelLoadException;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** {@link StepSpec.Image}. */
final class ImageStep implements Step {
  private static final Set<DType> TYPES =
      EnumSet.of(DType.FLOAT32, DType.FLOAT16, DType.UINT8, DType.INT8);

  private final StepSpec.Image spec;
  private final Signature signature;
  private final ImageLayout layout;
  private final DType dtype;
  private final float[] factor;
  private final float[] summand;

  ImageStep(StepSpec.Image spec, TensorSpec tensor) throws ModelLoadException {
    this.spec = spec;
    this.layout = ImageLayout.of(spec, tensor);
    this.dtype = tensor.dtype();
    Floats.check(spec.tensor(), dtype, TYPES);
    if (!(spec.cropFraction() > 0 && spec.cropFraction() <= 1)) {
      throw new ModelLoadException(
          "crop_fraction: " + spec.cropFraction() + " (expected: above 0, and at most 1)");
    }
    double[] mean = perChannel("mean", spec.mean(), 0);
    double[] std = perChannel("std", spec.std(), 1);
    this.factor = new float[layout.channels()];
    this.summand = new float[layout.channels()];
    for (int c = 0; c < factor.length; c++) {
      if (std[c] == 0) {
        throw new ModelLoadException("std: " + spec.std() + " (expected: other than 0)");
      }
      factor[c] = (float) ((spec.high() - spec.low()) / 255 / std[c]);
      summand[c] = (float) ((spec.low() - mean[c]) / std[c]);
    }
    this.signature =
        new Signature(
            spec.kind(),
            "",
            List.of(TensorSpec.of(spec.input(), DType.STRING, Shape.of(tensor.shape().dim(0)))),
            List.of(TensorSpec.of(spec.tensor(), dtype, tensor.shape())));
  }

  private double[] perChannel(String key, List<Double> values, double otherwise)
      throws ModelLoadException {
    double[] all = new double[layout.channels()];
    if (values.size() > 1 && values.size() != all.length) {
      throw new ModelLoadException(
          "%s: %s (expected: %d values, or one)".formatted(key, values, all.length));
    }
    for (int c = 0; c < all.length; c++) {
      all[c] = values.isEmpty() ? otherwise : values.get(values.size() == 1 ? 0 : c);
    }
    return all;
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public List<byte[]> examples(int input) {
    return ExampleImages.make(spec.maxPixels());
  }

  @Override
  public void run(Batch batch) {
    Tensor images = Inputs.required(batch, 0);
    long rows = images.elementCount();
    Tensor out = batch.arena().allocate(dtype, layout.shape(rows));
    for (long row = 0; row < rows; row++) {
      batch.refuseLate("image " + row + " was decoded");
      put(decode(images, row), out, row * layout.elements());
    }
    batch.setOutput(0, out);
  }

  private Pixels decode(Tensor images, long row) {
    byte[] encoded = images.getString(row).toArray(ValueLayout.JAVA_BYTE);
    try {
      return ImageDecoder.decode(encoded, spec.maxPixels());
    } catch (IOException e) {
      throw ServingException.invalid(
          "input \"%s\": image %d of %d bytes: %s"
              .formatted(spec.input(), row, encoded.length, e.getMessage()));
    }
  }

  private void put(Pixels image, Tensor out, long from) {
    Fit fit = Fit.of(spec, image, layout);
    float[] resized = Resampler.resize(image, fit.part(), fit.height(), fit.width());
    for (int y = 0; y < layout.height(); y++) {
      for (int x = 0; x < layout.width(); x++) {
        boolean inside = y < fit.height() && x < fit.width();
        int pixel = (y * fit.width() + x) * image.channels();
        for (int c = 0; c < layout.channels(); c++) {
          float value = inside ? channel(resized, pixel, image.channels(), c) : 0;
          Floats.set(out, from + layout.index(y, x, c), value * factor[c] + summand[c]);
        }
      }
    }
  }

  /** Channel {@code c} of what the model takes, of a pixel with 1 or 3 channels. */
  private float channel(float[] pixels, int pixel, int channels, int c) {
    if (channels == 1) {
      return pixels[pixel];
    }
    if (layout.channels() == 1) {
      return 0.299f * pixels[pixel] + 0.587f * pixels[pixel + 1] + 0.114f * pixels[pixel + 2];
    }
    return pixels[pixel + (spec.color() == StepSpec.Color.BGR ? 2 - c : c)];
  }
}
