package io.salver.examples.dish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DishPainterTest {
  private static final long SEED = 42;

  @Test
  void sameSeedDrawsTheSamePicture() {
    for (Dish dish : Dish.values()) {
      byte[] picture = new DishPainter(SEED).picture(dish, 16).toBytes();
      assertThat(new DishPainter(SEED).picture(dish, 16).toBytes()).isEqualTo(picture);
      assertThat(new DishPainter(SEED + 1).picture(dish, 16).toBytes()).isNotEqualTo(picture);
    }
  }

  @Test
  void everyDishIsDrawnAndEveryValueIsAColour() {
    DishPainter painter = new DishPainter(SEED);
    Set<Dish> drawn = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      Picture picture = painter.any(12);
      drawn.add(picture.dish());
      for (double value : picture.values()) {
        assertThat(value).as("seed " + SEED).isBetween(0.0, 1.0);
      }
    }
    assertThat(drawn).containsExactlyInAnyOrder(Dish.values());
  }

  @Test
  void bytesAreRedGreenAndBlueOfEachPixel() {
    Picture picture = new Picture(Dish.MAKI, 2, new double[] {0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0});
    assertThat(picture.toBytes()).containsExactly(0, 0, -1, 0, -1, 0, 0, 0, 0, -1, 0, 0);
  }

  @Test
  void outlinesAreNegativeInside() {
    Outline disc = Outline.disc(1, 0, 2);
    assertThat(disc.distance(1, 0)).isEqualTo(-2);
    assertThat(disc.distance(4, 0)).isEqualTo(1);
    assertThat(disc.and(Outline.below(1)).distance(1, 0)).isPositive();
    assertThat(Outline.ring(2, 0.5).distance(0, 2)).isEqualTo(-0.5);
    assertThat(Outline.ring(2, 0.5).distance(0, 0)).isPositive();
    assertThat(Outline.box(0, 0, 2, 1, 0.5).distance(1.9, 0)).isNegative();
    assertThat(Outline.box(0, 0, 2, 1, 0.5).distance(1.95, 0.95)).isPositive();
    assertThat(Outline.slice(-1, 1, 1).distance(0, 0.9)).isNegative();
    assertThat(Outline.slice(-1, 1, 1).distance(0.5, 0.9)).isPositive();
    assertThat(Outline.blob(1, 0.1, 0.1).distance(0, 0)).isNegative();
  }
}
