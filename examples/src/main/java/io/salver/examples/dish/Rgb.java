package io.salver.examples.dish;

import io.salver.examples.training.SeededRandom;

/** A colour; each part from 0 to 1. */
record Rgb(double red, double green, double blue) {

  /** The colour that is written {@code #rrggbb}. */
  static Rgb of(int rgb) {
    return new Rgb((rgb >> 16 & 0xff) / 255.0, (rgb >> 8 & 0xff) / 255.0, (rgb & 0xff) / 255.0);
  }

  static Rgb any(SeededRandom random) {
    return new Rgb(random.uniform(), random.uniform(), random.uniform());
  }

  /** A similar colour. */
  Rgb varied(SeededRandom random) {
    return new Rgb(varied(red, random), varied(green, random), varied(blue, random));
  }

  private static double varied(double part, SeededRandom random) {
    return Math.clamp(part + random.between(-0.08, 0.08), 0, 1);
  }

  /** Every part times {@code factor}. */
  Rgb lit(double factor) {
    return new Rgb(factor * red, factor * green, factor * blue);
  }

  /** Between this (0) and the other (1). */
  Rgb mixed(Rgb other, double part) {
    return new Rgb(
        red + part * (other.red - red),
        green + part * (other.green - green),
        blue + part * (other.blue - blue));
  }
}
