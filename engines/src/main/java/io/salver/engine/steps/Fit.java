package io.salver.engine.steps;

/**
 * How an image comes to the size that a model takes.
 *
 * @param part of the image that is used
 * @param height to which it is resized: the model's, or less where the rest is padding
 * @param width likewise
 */
record Fit(Resampler.Part part, int height, int width) {
  static Fit of(StepSpec.Image spec, Pixels image, ImageLayout layout) {
    double byHeight = (double) layout.height() / image.height();
    double byWidth = (double) layout.width() / image.width();
    return switch (spec.resize()) {
      case STRETCH -> new Fit(whole(image), layout.height(), layout.width());
      case PAD -> {
        double scale = Math.min(byHeight, byWidth);
        int height = (int) Math.clamp(Math.round(image.height() * scale), 1, layout.height());
        int width = (int) Math.clamp(Math.round(image.width() * scale), 1, layout.width());
        yield new Fit(whole(image), height, width);
      }
      case CROP -> {
        double scale = Math.max(byHeight, byWidth) / spec.cropFraction();
        double height = layout.height() / scale;
        double width = layout.width() / scale;
        Resampler.Part centre =
            new Resampler.Part(
                (image.height() - height) / 2, (image.width() - width) / 2, height, width);
        yield new Fit(centre, layout.height(), layout.width());
      }
    };
  }

  private static Resampler.Part whole(Pixels image) {
    return new Resampler.Part(0, 0, image.height(), image.width());
  }
}
