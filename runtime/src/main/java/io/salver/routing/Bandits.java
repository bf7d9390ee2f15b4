package io.salver.routing;

import java.util.List;
import java.util.Map;

/**
 * Makes bandits by name.
 *
 * <table>
 * <caption>Algorithms and their options; others are refused</caption>
 * <tr><th>name</th><th>option, default, meaning</th></tr>
 * <tr><td>{@code exp3}</td><td>{@code exploration} 0.1: the share of choices made at random;
 * {@code share} 0.001: what all arms get of the sum of weights at each reward, so that one that
 * became better is found again (0: never)</td></tr>
 * <tr><td>{@code exp4}</td><td>{@code exploration}, {@code share} as above; {@code experts} 0: if
 * set, the context is the advice of so many experts, {@code [experts * arms]}; otherwise the experts
 * are made from the features</td></tr>
 * <tr><td>{@code thompson}</td><td>{@code discount} 0.998: what is kept of all that is known at each
 * reward (1: everything for ever)</td></tr>
 * <tr><td>{@code linucb}</td><td>{@code alpha} 0.5: how much uncertainty is worth; {@code discount}
 * 0.999 as above</td></tr>
 * </table>
 */
public final class Bandits {
  /** The names that {@link #create} knows. */
  public static final List<String> ALGORITHMS =
      List.of(Exp3.NAME, Exp4.NAME, Thompson.NAME, LinUcb.NAME);

  private static final int MAX_ARMS = 100;

  private Bandits() {}

  /**
   * A bandit that knows nothing yet.
   *
   * @param algorithm one of {@link #ALGORITHMS}
   * @param arms how many there are to choose from, 1 to 100
   * @param contextLength how many numbers a context has; what does not know one takes any
   * @param options by name, see above; those not given have their defaults
   * @throws IllegalArgumentException if one of these cannot be
   */
  public static Bandit create(
      String algorithm, int arms, int contextLength, Map<String, Double> options) {
    if (arms < 1 || arms > MAX_ARMS) {
      throw new IllegalArgumentException("arms: " + arms + " (expected: 1 to " + MAX_ARMS + ")");
    }
    if (contextLength < 0) {
      throw new IllegalArgumentException("context: " + contextLength + " (expected: >= 0)");
    }
    BanditOptions read = new BanditOptions(algorithm, options);
    Bandit bandit =
        switch (algorithm) {
          case Exp3.NAME -> Exp3.create(arms, read);
          case Exp4.NAME -> Exp4.create(arms, contextLength, read);
          case Thompson.NAME -> Thompson.create(arms, read);
          case LinUcb.NAME -> LinUcb.create(arms, contextLength, read);
          default ->
              throw new IllegalArgumentException(
                  "algorithm: " + algorithm + " (expected: one of " + ALGORITHMS + ")");
        };
    read.refuseOthers();
    return bandit;
  }

  /**
   * The bandit that had learnt {@code state}. The arguments are those of {@link #create}; options
   * may differ from those that the state was learnt with.
   *
   * @throws IllegalArgumentException if the state is another algorithm's, is of another number of
   *     arms or another context, or is no state that could have been learnt
   */
  public static Bandit restore(
      String algorithm,
      int arms,
      int contextLength,
      Map<String, Double> options,
      BanditState state) {
    Bandit fresh = create(algorithm, arms, contextLength, options);
    StateReader reader = new StateReader(algorithm, state);
    Bandit restored =
        switch (fresh) {
          case Exp3 exp3 -> exp3.restored(reader);
          case Exp4 exp4 -> exp4.restored(reader);
          case Thompson thompson -> thompson.restored(reader);
          case LinUcb linUcb -> linUcb.restored(reader);
        };
    reader.refuseOthers();
    return restored;
  }
}
