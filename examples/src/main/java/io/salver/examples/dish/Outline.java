package io.salver.examples.dish;

/**
 * A shape in a plane whose y grows downwards: how far a point is from its edge, negative inside.
 * Away from the edge only the sign counts.
 */
interface Outline {
  double distance(double x, double y);

  /** What is inside both. */
  default Outline and(Outline other) {
    return (x, y) -> Math.max(distance(x, y), other.distance(x, y));
  }

  static Outline disc(double centreX, double centreY, double radius) {
    return (x, y) -> length(x - centreX, y - centreY) - radius;
  }

  /** Everything below a horizontal line. */
  static Outline below(double top) {
    return (x, y) -> top - y;
  }

  /** A ring around the origin. */
  static Outline ring(double radius, double halfWidth) {
    return (x, y) -> Math.abs(length(x, y) - radius) - halfWidth;
  }

  /** A rectangle with its sides along the axes and round corners. */
  static Outline box(
      double centreX, double centreY, double halfWidth, double halfHeight, double cornerRadius) {
    return (x, y) -> {
      double overX = Math.abs(x - centreX) - halfWidth + cornerRadius;
      double overY = Math.abs(y - centreY) - halfHeight + cornerRadius;
      double outside = length(Math.max(overX, 0), Math.max(overY, 0));
      return outside + Math.min(Math.max(overX, overY), 0) - cornerRadius;
    };
  }

  /** A triangle with a horizontal upper side around {@code x = 0} and its tip below. */
  static Outline slice(double top, double tip, double halfWidth) {
    double side = length(tip - top, halfWidth);
    return (x, y) -> Math.max(top - y, ((tip - top) * Math.abs(x) + halfWidth * (y - tip)) / side);
  }

  /** A disc around the origin whose radius has two and three bumps on its way round. */
  static Outline blob(double radius, double twoBumps, double threeBumps) {
    return (x, y) -> {
      double distance = length(x, y) + 1e-9;
      double cosine = x / distance;
      double sine = y / distance;
      double two = 2 * sine * cosine;
      double three = cosine * (4 * cosine * cosine - 3);
      return distance - radius * (1 + twoBumps * two + threeBumps * three);
    };
  }

  private static double length(double x, double y) {
    return Math.sqrt(x * x + y * y);
  }
}
