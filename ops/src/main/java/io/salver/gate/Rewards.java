package io.salver.gate;

/**
 * What is known of one route's rewards: a value.
 *
 * @param count how many there were
 * @param sum of them
 * @param squares the sum of their squares
 */
public record Rewards(long count, double sum, double squares) {
  /** None. */
  public static final Rewards NONE = new Rewards(0, 0, 0);

  public Rewards {
    // A thousandth more than can be, as sums of many numbers are rounded.
    if (count < 0
        || !(sum >= 0 && sum <= count * 1.001)
        || !(squares >= 0 && squares <= sum * 1.001)) {
      throw new IllegalArgumentException(
          "rewards: "
              + count
              + " with the sum "
              + sum
              + " and squares "
              + squares
              + " (expected: of rewards from 0 to 1)");
    }
  }

  /**
   * With one more.
   *
   * @throws IllegalArgumentException if it is not from 0 to 1
   */
  public Rewards plus(double reward) {
    if (!(reward >= 0 && reward <= 1)) {
      throw new IllegalArgumentException("reward: " + reward + " (expected: 0 to 1)");
    }
    return new Rewards(count + 1, sum + reward, squares + reward * reward);
  }

  /** Their mean; 0 if there are none. */
  public double mean() {
    return count == 0 ? 0 : sum / count;
  }

  /** The variance with a 0 and a 1 added: one that is never 0, as few of the same say little. */
  double variance() {
    double mean = (sum + 1) / (count + 2);
    return Math.max(0, (squares + 1) / (count + 2) - mean * mean);
  }
}
