package io.salver.routing;

/**
 * What was predicted for one row, as people compare it with the truth: a class, or a number.
 * Numbers become text only where somebody reads it: nearly every answer of an endpoint has a label.
 */
public sealed interface Label {
  /** The class's name, its index if it has none, or the number in decimal. */
  String text();

  /** Whether it is a class. */
  boolean isClass();

  /**
   * A class that has a name.
   *
   * @param text the name
   */
  record Name(String text) implements Label {
    @Override
    public boolean isClass() {
      return true;
    }
  }

  /**
   * A class that has none.
   *
   * @param index its number
   */
  record Index(long index) implements Label {
    @Override
    public String text() {
      return Long.toString(index);
    }

    @Override
    public boolean isClass() {
      return true;
    }
  }

  /**
   * A number.
   *
   * @param value finite or not
   */
  record Number(double value) implements Label {
    @Override
    public String text() {
      return Double.toString(value);
    }

    @Override
    public boolean isClass() {
      return false;
    }
  }
}
