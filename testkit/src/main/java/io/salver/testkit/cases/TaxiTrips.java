package io.salver.testkit.cases;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Trips of the Chicago taxi data set, as the model trained on them wants them. */
public final class TaxiTrips {
  private static final String FILE =
      "E_data/tfx_chicago_taxi/examples/chicago_taxi_pipeline/data/simple/data.csv";
  private static final Set<String> FLOATS =
      Set.of(
          "fare",
          "trip_miles",
          "pickup_latitude",
          "pickup_longitude",
          "dropoff_latitude",
          "dropoff_longitude");
  private static final Set<String> TEXTS = Set.of("payment_type", "company");
  private static final String LABEL = "tips";
  private static final double GENEROUS = 0.2;

  private TaxiTrips() {}

  /**
   * A trip.
   *
   * @param example a serialised {@code tf.Example}; features without a value are absent
   * @param generous whether the tip was more than a fifth of the fare, which the model predicts
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Trip(byte[] example, boolean generous) {}

  /**
   * The first trips of the data set.
   *
   * @param testData where {@link SharedTestData#find} says
   */
  public static List<Trip> first(Path testData, int count) throws IOException {
    try (Stream<String> lines = Files.lines(testData.resolve(FILE))) {
      List<String> head = lines.limit(count + 1L).toList();
      String[] names = head.getFirst().split(",", -1);
      return head.stream().skip(1).map(line -> trip(names, line.split(",", -1))).toList();
    }
  }

  private static Trip trip(String[] names, String[] values) {
    Map<String, Object> features = new HashMap<>();
    double tips = 0;
    double fare = 0;
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals(LABEL)) {
        tips = Double.parseDouble(values[i]);
      } else if (!values[i].isEmpty()) {
        features.put(names[i], feature(names[i], values[i]));
      }
      fare = names[i].equals("fare") ? Double.parseDouble(values[i]) : fare;
    }
    return new Trip(Examples.of(features), tips > GENEROUS * fare);
  }

  private static Object feature(String name, String value) {
    if (FLOATS.contains(name)) {
      return Float.valueOf(value);
    }
    return TEXTS.contains(name) ? value : (Object) Long.valueOf(value);
  }
}
