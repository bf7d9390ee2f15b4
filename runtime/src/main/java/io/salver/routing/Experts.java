package io.salver.routing;

import java.util.List;
import java.util.Map;

/**
 * Who advises {@link Exp4}: each expert gives probabilities over the arms, from the context alone.
 */
sealed interface Experts {
  int count();

  /**
   * What each expert advises: {@code [count][arms]}, each row summing to 1.
   *
   * @throws IllegalArgumentException if the context is none that they know
   */
  double[][] advise(double[] context);

  /** The context was seen with a reward. */
  Experts seen(double[] context);

  /** What they have learnt of contexts. */
  Map<String, List<Double>> numbers();

  Experts restored(StateReader state);

  /**
   * Experts outside: the context is their advice, expert by expert, in parts that are not negative;
   * a row that is all 0 abstains.
   */
  record Outside(int count, int arms) implements Experts {
    @Override
    public double[][] advise(double[] context) {
      Checks.context(count * arms, context);
      double[][] advice = new double[count][arms];
      for (int expert = 0; expert < count; expert++) {
        double sum = 0;
        for (int arm = 0; arm < arms; arm++) {
          double part = context[expert * arms + arm];
          if (part < 0) {
            throw new IllegalArgumentException(
                "advice of expert "
                    + expert
                    + " for arm "
                    + arm
                    + ": "
                    + part
                    + " (expected: >= 0)");
          }
          advice[expert][arm] = part;
          sum += part;
        }
        for (int arm = 0; arm < arms; arm++) {
          advice[expert][arm] = sum > 0 ? advice[expert][arm] / sum : 1.0 / arms;
        }
      }
      return advice;
    }

    @Override
    public Outside seen(double[] context) {
      return this;
    }

    @Override
    public Map<String, List<Double>> numbers() {
      return Map.of();
    }

    @Override
    public Outside restored(StateReader state) {
      return this;
    }
  }

  /**
   * Experts made from features. One that knows nothing; one for each arm, that always advises it;
   * and for each feature and each ordered pair of arms one that advises the first arm where the
   * feature is above its mean, and the second elsewhere. The means are those of the first {@link
   * #WARM_UP} contexts, and stay; before, those experts abstain.
   *
   * @param sums of each feature over the contexts seen, {@code [features]}
   * @param seen how many contexts, at most {@link #WARM_UP}
   */
  record Splits(int arms, double[] sums, int seen) implements Experts {
    static final int WARM_UP = 100;

    @Override
    public int count() {
      return 1 + arms + sums.length * arms * (arms - 1);
    }

    @Override
    public double[][] advise(double[] context) {
      Checks.context(sums.length, context);
      double[][] advice = new double[count()][];
      double[] anything = Simplex.uniform(arms);
      double[][] always = new double[arms][arms];
      advice[0] = anything;
      for (int arm = 0; arm < arms; arm++) {
        always[arm][arm] = 1;
        advice[1 + arm] = always[arm];
      }
      int at = 1 + arms;
      for (int feature = 0; feature < sums.length; feature++) {
        boolean above = context[feature] > sums[feature] / WARM_UP;
        for (int first = 0; first < arms; first++) {
          for (int second = 0; second < arms; second++) {
            if (first != second) {
              advice[at++] = seen < WARM_UP ? anything : always[above ? first : second];
            }
          }
        }
      }
      return advice;
    }

    @Override
    public Splits seen(double[] context) {
      if (seen == WARM_UP) {
        return this;
      }
      double[] more = sums.clone();
      for (int i = 0; i < more.length; i++) {
        more[i] += context[i];
      }
      return new Splits(arms, more, seen + 1);
    }

    @Override
    public Map<String, List<Double>> numbers() {
      return Map.of("sums", StateReader.list(sums), "seen", List.of((double) seen));
    }

    @Override
    public Splits restored(StateReader state) {
      double contexts = state.vector("seen", 1, 0, WARM_UP)[0];
      double[] read = state.vector("sums", sums.length, -Double.MAX_VALUE, Double.MAX_VALUE);
      return new Splits(arms, read, (int) contexts);
    }
  }
}
