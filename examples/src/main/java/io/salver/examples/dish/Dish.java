package io.salver.examples.dish;

import java.util.Locale;

/** What may be in a picture; the order is that of the model's outputs. */
public enum Dish {
  BURGER,
  DONUT,
  FRIED_EGG,
  MAKI,
  PIZZA,
  WATERMELON;

  /** Its name as clients get it: lower case, with spaces. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
