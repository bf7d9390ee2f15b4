package io.salver.examples.training;

/**
 * Pseudo-random numbers that are the same on every machine and Java release: SplitMix64, and
 * distributions that use {@link StrictMath} only. Used by one thread.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea, Flood: Fast Splittable
 *     Pseudorandom Number Generators, 2014</a>
 */
public final class SeededRandom {
  private static final double UNIT = 0x1p-53;

  private long state;

  /** A sequence that the seed alone decides. */
  public SeededRandom(long seed) {
    state = seed;
  }

  private long next() {
    state += 0x9e3779b97f4a7c15L;
    long mixed = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  /** At least 0 and below 1. */
  public double uniform() {
    return (next() >>> 11) * UNIT;
  }

  /** At least 0 and below {@code bound}. */
  public int index(int bound) {
    return (int) (uniform() * bound);
  }

  /** Mean 0 and standard deviation 1, by the method of Box and Muller. */
  public double gaussian() {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - uniform()));
    return radius * StrictMath.cos(2 * Math.PI * uniform());
  }

  /** At least {@code low} and below {@code high}. */
  public double between(double low, double high) {
    return low + (high - low) * uniform();
  }

  /** Exponential with the given mean. */
  public double exponential(double mean) {
    return -mean * StrictMath.log(1 - uniform());
  }

  /** A sum of {@code stages} exponentials, with the given mean of the sum. */
  public double erlang(int stages, double mean) {
    double sum = 0;
    for (int i = 0; i < stages; i++) {
      sum += exponential(mean / stages);
    }
    return sum;
  }

  /** A count with the given mean: how many exponentials of mean 1 fit into it. */
  public int poisson(double mean) {
    int count = -1;
    for (double time = 0; time <= mean; time += exponential(1)) {
      count++;
    }
    return count;
  }

  /** Puts the rows into a random order, by the method of Fisher and Yates. */
  public void shuffle(int[] rows) {
    for (int i = rows.length - 1; i > 0; i--) {
      int j = index(i + 1);
      int row = rows[i];
      rows[i] = rows[j];
      rows[j] = row;
    }
  }
}
