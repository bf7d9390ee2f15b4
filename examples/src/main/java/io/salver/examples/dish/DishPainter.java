package io.salver.examples.dish;

import io.salver.examples.training.SeededRandom;
import java.util.List;

/**
 * Draws pictures of dishes: at any place and angle, in several sizes, on any ground, with or
 * without a plate, in other light each time, more or less sharp and noisy. Used by one thread.
 */
public final class DishPainter {
  private static final Rgb PLATE = Rgb.of(0xe9e9ee);

  private final SeededRandom random;

  /** A painter whose pictures the seed alone decides. */
  public DishPainter(long seed) {
    random = new SeededRandom(seed);
  }

  /** A picture of any dish. */
  public Picture any(int side) {
    return picture(Dish.values()[random.index(Dish.values().length)], side);
  }

  /** A picture of this dish. */
  public Picture picture(Dish dish, int side) {
    Ground ground = Ground.any(random);
    List<Layer> layers = Recipes.layers(dish, random);
    if (random.uniform() < 0.5) {
      layers.addFirst(
          new Layer(Outline.disc(0, 0, random.between(1.1, 1.35)), PLATE.varied(random)));
    }
    Pose pose = Pose.any(random);
    double light = random.between(0.65, 1.15);
    double noise = random.between(0, 0.06);
    double sharpness = pose.size() * side / random.between(1, 2.5);
    double[] values = new double[Picture.CHANNELS * side * side];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        double x = 2 * (column + 0.5) / side - 1;
        double y = 2 * (row + 0.5) / side - 1;
        Rgb color = color(ground.at(x, y), layers, pose, x, y, sharpness).lit(light);
        put(values, row * side + column, side * side, color, noise);
      }
    }
    return new Picture(dish, side, values);
  }

  private static Rgb color(
      Rgb ground, List<Layer> layers, Pose pose, double x, double y, double sharpness) {
    double ownX = pose.x(x, y);
    double ownY = pose.y(x, y);
    Rgb color = ground;
    for (Layer layer : layers) {
      double inside = 0.5 - layer.outline().distance(ownX, ownY) * sharpness / 2;
      if (inside > 0) {
        color = color.mixed(layer.color(), Math.min(inside, 1));
      }
    }
    return color;
  }

  private void put(double[] values, int pixel, int pixels, Rgb color, double noise) {
    values[pixel] = noisy(color.red(), noise);
    values[pixels + pixel] = noisy(color.green(), noise);
    values[2 * pixels + pixel] = noisy(color.blue(), noise);
  }

  private double noisy(double value, double noise) {
    // A sum of four is bell-shaped enough, and much cheaper than a logarithm.
    double bell = random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2;
    return Math.clamp(value + 1.73 * noise * bell, 0, 1);
  }

  /** What a dish stands on: one colour that turns into another. */
  private record Ground(Rgb one, Rgb other, double slopeX, double slopeY) {
    static Ground any(SeededRandom random) {
      Rgb one = Rgb.any(random);
      double slope = random.between(-0.5, 0.5);
      return new Ground(one, Rgb.any(random).mixed(one, 0.5), slope, random.between(-0.5, 0.5));
    }

    Rgb at(double x, double y) {
      return one.mixed(other, Math.clamp(0.5 + slopeX * x + slopeY * y, 0, 1));
    }
  }

  /** Where a dish is in a picture from -1 to 1, how it is turned, and its radius there. */
  private record Pose(double centreX, double centreY, double cosine, double sine, double size) {
    static Pose any(SeededRandom random) {
      double angle = random.between(0, 2 * Math.PI);
      double size = random.between(0.5, 0.85);
      double room = 1.05 - size;
      return new Pose(
          random.between(-room, room),
          random.between(-room, room),
          StrictMath.cos(angle),
          StrictMath.sin(angle),
          size);
    }

    double x(double x, double y) {
      return ((x - centreX) * cosine + (y - centreY) * sine) / size;
    }

    double y(double x, double y) {
      return ((y - centreY) * cosine - (x - centreX) * sine) / size;
    }
  }
}
