package io.salver.examples.eta;

import io.salver.examples.training.SeededRandom;
import io.salver.examples.trees.BoostedTrees;
import io.salver.examples.trees.Boosting;
import io.salver.examples.trees.Rows;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The probability that an order is late, which is after {@value #LATE_MINUTES} minutes, by boosted
 * trees. The courier load of some orders is not known. Immutable.
 */
public final class LateModel {
  /** An order that takes longer is late. */
  public static final int LATE_MINUTES = 45;

  private static final long CITY_SEED = 20_261_127;
  private static final long GAPS_SEED = 20_261_128;
  private static final long REPORT_SEED = 20_261_129;
  private static final int TRAINING = 30_000;
  private static final int HELD_OUT = 10_000;
  private static final int REPORT_DRAWS = 400;
  private static final double UNKNOWN_LOADS = 0.1;
  private static final Boosting BOOSTING = new Boosting(60, 4, 0.15, 1, 20);

  private final BoostedTrees trees;
  private final double share;
  private final List<Delivery> heldOut;

  private LateModel(BoostedTrees trees, double share, List<Delivery> heldOut) {
    this.trees = trees;
    this.share = share;
    this.heldOut = heldOut;
  }

  /** Makes the deliveries and grows the trees on them. Takes a moment. */
  public static LateModel train() {
    City city = new City(CITY_SEED);
    SeededRandom gaps = new SeededRandom(GAPS_SEED);
    List<Delivery> training = withGaps(city.deliveries(TRAINING), gaps);
    double share = training.stream().mapToDouble(LateModel::late).average().orElseThrow();
    return new LateModel(BOOSTING.fit(rows(training)), share, city.deliveries(HELD_OUT));
  }

  private static List<Delivery> withGaps(List<Delivery> deliveries, SeededRandom gaps) {
    return deliveries.stream()
        .map(d ->
            gaps.uniform() < UNKNOWN_LOADS
                ? new Delivery(d.order().withUnknownLoad(), d.minutes())
                : d)
        .toList();
  }

  private static Rows rows(List<Delivery> deliveries) {
    float[][] features = new float[Order.NAMES.size()][deliveries.size()];
    boolean[] late = new boolean[deliveries.size()];
    for (int row = 0; row < late.length; row++) {
      List<Float> values = deliveries.get(row).order().values();
      for (int feature = 0; feature < features.length; feature++) {
        features[feature][row] = values.get(feature);
      }
      late[row] = late(deliveries.get(row)) == 1;
    }
    return new Rows(Order.NAMES, features, late);
  }

  private static double late(Delivery delivery) {
    return delivery.minutes() > LATE_MINUTES ? 1 : 0;
  }

  /** The probability that the order is late; its courier load may be NaN. */
  public double probability(Order order) {
    List<Float> values = order.values();
    float[] features = new float[values.size()];
    for (int i = 0; i < features.length; i++) {
      features[i] = values.get(i);
    }
    return trees.probability(features);
  }

  /** The file that XGBoost would save; features are in the order of {@link Order#NAMES}. */
  public String toXgboostJson() {
    return trees.toXgboostJson();
  }

  /** The errors on held-out deliveries, as a Markdown table. */
  public String report() {
    City city = new City(REPORT_SEED);
    return "| answer | log loss | Brier score |\n|---|---:|---:|\n"
        + row(
            String.format(Locale.ROOT, "always the share of late orders, %.3f", share),
            order -> share)
        + row("the trees, without the courier load", order -> probability(order.withUnknownLoad()))
        + row("the trees", this::probability)
        + row(
            "the share among " + REPORT_DRAWS + " simulations",
            order -> city.shareAbove(order, LATE_MINUTES, REPORT_DRAWS));
  }

  private String row(String name, ToDoubleFunction<Order> answer) {
    double logLoss = 0;
    double squares = 0;
    for (Delivery delivery : heldOut) {
      double late = late(delivery);
      double probability = answer.applyAsDouble(delivery.order());
      logLoss -= StrictMath.log(late == 1 ? probability : 1 - probability);
      squares += (probability - late) * (probability - late);
    }
    return String.format(
        Locale.ROOT,
        "| %s | %.3f | %.3f |\n",
        name,
        logLoss / heldOut.size(),
        squares / heldOut.size());
  }
}
