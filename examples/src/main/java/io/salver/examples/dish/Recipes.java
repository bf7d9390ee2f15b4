package io.salver.examples.dish;

import io.salver.examples.training.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/** What each dish is drawn from, about as large as a circle of radius 1 around the origin. */
final class Recipes {
  private static final Rgb CREAM = Rgb.of(0xf6efdc);
  private static final Rgb CRUST = Rgb.of(0xb9763a);
  private static final Rgb CHEESE = Rgb.of(0xf4c33d);
  private static final Rgb LEAF = Rgb.of(0x4f9d3a);
  private static final Rgb TOMATO = Rgb.of(0xc8352c);
  private static final Rgb CHOCOLATE = Rgb.of(0x5b3420);
  private static final Rgb SALMON = Rgb.of(0xf08a5d);
  private static final Rgb SEAWEED = Rgb.of(0x1d2a22);

  private final SeededRandom random;
  private final List<Layer> layers = new ArrayList<>();

  private Recipes(SeededRandom random) {
    this.random = random;
  }

  /** One such dish; no two are quite the same. */
  static List<Layer> layers(Dish dish, SeededRandom random) {
    Recipes recipes = new Recipes(random);
    switch (dish) {
      case BURGER -> recipes.burger();
      case DONUT -> recipes.donut();
      case FRIED_EGG -> recipes.friedEgg();
      case MAKI -> recipes.maki();
      case PIZZA -> recipes.pizza();
      case WATERMELON -> recipes.watermelon();
    }
    return recipes.layers;
  }

  private void add(Outline outline, Rgb color) {
    layers.add(new Layer(outline, color.varied(random)));
  }

  private Rgb oneOf(Rgb... colors) {
    return colors[random.index(colors.length)];
  }

  private void burger() {
    Outline top = Outline.disc(0, 0.15, 0.95);
    add((x, y) -> Math.max(top.distance(x, y), y + 0.12), CRUST);
    for (int i = 0; i < 4; i++) {
      add(Outline.disc(random.between(-0.5, 0.5), random.between(-0.6, -0.3), 0.06), CREAM);
    }
    add(Outline.box(0, -0.03, 0.98, 0.1, 0.08), LEAF);
    if (random.uniform() < 0.6) {
      add(Outline.box(0, 0.1, 0.9, 0.06, 0.02), oneOf(CHEESE, TOMATO));
    }
    add(Outline.box(0, 0.28, 0.92, 0.14, 0.1), CHOCOLATE);
    add(Outline.box(0, 0.57, 0.88, 0.18, 0.14), CRUST);
  }

  private void donut() {
    double radius = random.between(0.58, 0.66);
    double halfWidth = random.between(0.27, 0.34);
    add(Outline.ring(radius, halfWidth), CRUST.mixed(CHEESE, 0.3));
    add(
        Outline.ring(radius, 0.8 * halfWidth),
        oneOf(Rgb.of(0xf29bb7), CHOCOLATE, CREAM, Rgb.of(0xa8dcc4)));
    for (int i = 0; i < 9; i++) {
      double angle = random.between(0, 2 * Math.PI);
      double from = radius + random.between(-0.12, 0.12);
      add(
          Outline.disc(from * StrictMath.cos(angle), from * StrictMath.sin(angle), 0.06),
          Rgb.any(random));
    }
  }

  private void friedEgg() {
    Outline white = Outline.blob(0.82, random.between(-0.15, 0.15), random.between(-0.12, 0.12));
    if (random.uniform() < 0.5) {
      add((x, y) -> white.distance(x, y) - 0.05, CRUST);
    }
    add(white, Rgb.of(0xfbfaf4));
    double x = random.between(-0.2, 0.2);
    double y = random.between(-0.2, 0.2);
    add(Outline.disc(x, y, random.between(0.3, 0.4)), Rgb.of(0xf6a91f));
    add(Outline.disc(x - 0.1, y - 0.12, 0.06), Rgb.of(0xffe9a8));
  }

  private void maki() {
    add(Outline.disc(0, 0, 0.92), SEAWEED);
    add(Outline.disc(0, 0, random.between(0.72, 0.8)), Rgb.of(0xf4f1e8));
    double x = random.between(-0.12, 0.12);
    double y = random.between(-0.12, 0.12);
    if (random.uniform() < 0.5) {
      add(Outline.disc(x, y, random.between(0.25, 0.35)), oneOf(SALMON, LEAF, TOMATO));
    } else {
      add(Outline.box(x - 0.15, y, 0.15, 0.25, 0.05), oneOf(SALMON, TOMATO));
      add(Outline.box(x + 0.15, y, 0.15, 0.25, 0.05), oneOf(LEAF, CHEESE));
    }
  }

  private void pizza() {
    double halfWidth = random.between(0.6, 0.8);
    add(Outline.slice(-0.75, 0.98, halfWidth), CHEESE);
    add(Outline.box(0, -0.78, halfWidth + 0.06, 0.13, 0.12), CRUST);
    for (double y : new double[] {-0.42, 0, 0.42}) {
      double room = halfWidth * (0.7 - y) / 2;
      add(
          Outline.disc(random.between(-room, room), y, 0.15)
              .and(Outline.slice(-1, 0.98, halfWidth)),
          TOMATO);
    }
    if (random.uniform() < 0.5) {
      add(Outline.disc(random.between(-0.3, 0.3), -0.2, 0.1), LEAF);
    }
  }

  private void watermelon() {
    Outline half = Outline.below(-0.4);
    add(Outline.disc(0, -0.4, 0.98).and(half), LEAF.lit(0.8));
    add(Outline.disc(0, -0.4, 0.87).and(half), Rgb.of(0xdcebc0));
    add(Outline.disc(0, -0.4, 0.79).and(half), Rgb.of(0xe2434b));
    for (int i = 0; i < 5; i++) {
      double angle = random.between(0.3, Math.PI - 0.3);
      double from = random.between(0.3, 0.65);
      add(
          Outline.disc(from * StrictMath.cos(angle), from * StrictMath.sin(angle) - 0.4, 0.06),
          SEAWEED);
    }
  }
}
