package io.salver.examples.eta;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Both versions of the model, and the deliveries to judge them by. Immutable. */
public final class EtaVersions {
  /** The order that the documentation asks about: dinner time, a busy kitchen, a short way. */
  public static final Order EXAMPLE = new Order(3, 12, 0.7f, 2.4f, 19);

  private static final long CITY_SEED = 20_261_101;
  private static final long NETWORK_SEED = 7;
  private static final long VECTOR_SEED = 20_261_102;
  private static final long REPORT_SEED = 20_261_103;
  private static final int REPORT_DRAWS = 100;

  private final List<EtaModel> models;
  private final DeliverySplit data;

  private EtaVersions(List<EtaModel> models, DeliverySplit data) {
    this.models = models;
    this.data = data;
  }

  /** Makes the deliveries and trains both versions on them. Takes a few seconds. */
  public static EtaVersions train() {
    DeliverySplit data = DeliverySplit.of(new City(CITY_SEED));
    List<Scaling> scalings = Scaling.ofFeatures(data.training());
    EtaModel linear =
        new EtaModel(
            1,
            "Food-delivery ETA, a linear model",
            scalings,
            Trainer.fit(NETWORK_SEED, scalings, data));
    EtaModel network =
        new EtaModel(
            2,
            "Food-delivery ETA, a network with two hidden layers of 16",
            scalings,
            Trainer.fit(NETWORK_SEED, scalings, data, 16, 16));
    return new EtaVersions(List.of(linear, network), data);
  }

  /** The versions, by ascending number. */
  public List<EtaModel> models() {
    return models;
  }

  /** Orders to compare answers on: the example, then orders that no version was trained on. */
  public List<Order> testOrders() {
    List<Order> orders = new ArrayList<>();
    orders.add(EXAMPLE);
    new City(VECTOR_SEED).deliveries(19).forEach(delivery -> orders.add(delivery.order()));
    return orders;
  }

  /** The errors on held-out deliveries, as a Markdown table. */
  public String report() {
    List<Delivery> training = data.training();
    double mean = Scaling.of(training.size(), i -> training.get(i).minutes()).mean();
    StringBuilder table = new StringBuilder();
    table.append("| answer | RMSE, minutes | MAE, minutes |\n|---|---:|---:|\n");
    table.append(row("always the mean, " + minutes(mean), order -> mean));
    for (EtaModel model : models) {
      table.append(row("version " + model.version() + ": " + model.description(), model::minutes));
    }
    City city = new City(REPORT_SEED);
    table.append(
        row(
            "the mean of " + REPORT_DRAWS + " simulations",
            o -> city.meanMinutes(o, REPORT_DRAWS)));
    return table.toString();
  }

  private String row(String name, ToDoubleFunction<Order> answer) {
    Errors errors = Errors.of(data.heldOut(), answer);
    return "| %s | %s | %s |\n".formatted(name, minutes(errors.root()), minutes(errors.absolute()));
  }

  private static String minutes(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
