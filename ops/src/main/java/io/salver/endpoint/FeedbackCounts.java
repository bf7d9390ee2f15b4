package io.salver.endpoint;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.salver.gate.Rewards;
import io.salver.routing.Label;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What feedback said of an endpoint, by route and version. Bounded: beyond {@value #MAX_CLASSES}
 * classes of a route's version, and {@value #MAX_VERSIONS} versions, what is new is counted without
 * its name. Thread-safe.
 */
final class FeedbackCounts {
  private static final int MAX_CLASSES = 200;
  private static final int MAX_VERSIONS = 200;
  private static final String OTHER = "(other)";

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Counts> counts = new TreeMap<>();
  private boolean changed;

  /** Of one version of a route. */
  private static final class Counts {
    private long count;
    private double rewards;
    private double rewardSquares;
    private long rewarded;
    private long labelled;
    private long correct;
    private long numbers;
    private double absoluteErrors;
    private final Map<String, ClassCounts> classes = new TreeMap<>();
  }

  /** Of one class. */
  private static final class ClassCounts {
    private long both;
    private long predicted;
    private long actual;
  }

  /**
   * Counts feedback.
   *
   * @param predicted null if the prediction said nothing that can be compared
   * @param actual what is true; null if only a reward is known
   * @param reward 0 to 1; NaN if not known
   */
  void add(
      String route,
      long version,
      @Nullable Label predicted,
      @Nullable Truth actual,
      double reward) {
    lock.lock();
    try {
      changed = true;
      Counts of = of(counts, route + "\n" + version, MAX_VERSIONS, Counts::new);
      of.count++;
      if (!Double.isNaN(reward)) {
        of.rewarded++;
        of.rewards += reward;
        of.rewardSquares += reward * reward;
      }
      if (predicted != null && actual != null) {
        compare(of, predicted, actual);
      }
    } finally {
      lock.unlock();
    }
  }

  private static void compare(Counts of, Label predicted, Truth actual) {
    if (!predicted.isClass()) {
      of.numbers++;
      of.absoluteErrors += actual.distance(predicted);
      return;
    }
    boolean right = actual.is(predicted);
    of.labelled++;
    of.correct += right ? 1 : 0;
    ClassCounts said = of(of.classes, predicted.text(), MAX_CLASSES, ClassCounts::new);
    ClassCounts was = of(of.classes, actual.text(), MAX_CLASSES, ClassCounts::new);
    said.predicted++;
    was.actual++;
    said.both += right ? 1 : 0;
  }

  private static <T> T of(Map<String, T> map, String key, int most, Supplier<T> maker) {
    String name = map.containsKey(key) || map.size() < most ? key : OTHER;
    return map.computeIfAbsent(name, _ -> maker.get());
  }

  /** All counts, for {@link #read}; null if nothing has changed since this was last asked for. */
  @Nullable JsonObject news() {
    lock.lock();
    try {
      if (!changed) {
        return null;
      }
      changed = false;
      JsonObject all = new JsonObject();
      counts.forEach((key, of) -> all.add(key, json(of)));
      return all;
    } finally {
      lock.unlock();
    }
  }

  private static JsonObject json(Counts of) {
    JsonObject json = new JsonObject();
    json.addProperty("count", of.count);
    json.addProperty("rewarded", of.rewarded);
    json.addProperty("rewards", of.rewards);
    json.addProperty("reward_squares", of.rewardSquares);
    json.addProperty("labelled", of.labelled);
    json.addProperty("correct", of.correct);
    json.addProperty("numbers", of.numbers);
    json.addProperty("absolute_errors", of.absoluteErrors);
    JsonObject classes = new JsonObject();
    of.classes.forEach((name, c) -> {
      JsonArray values = new JsonArray();
      values.add(c.both);
      values.add(c.predicted);
      values.add(c.actual);
      classes.add(name, values);
    });
    json.add("classes", classes);
    return json;
  }

  /**
   * The counts that {@link #news} gave.
   *
   * @throws RuntimeException if it is something else
   */
  static FeedbackCounts read(JsonObject json) {
    FeedbackCounts read = new FeedbackCounts();
    for (Map.Entry<String, JsonElement> entry : json.entrySet()) {
      JsonObject values = entry.getValue().getAsJsonObject();
      Counts of = new Counts();
      of.count = values.get("count").getAsLong();
      of.rewarded = values.get("rewarded").getAsLong();
      of.rewards = values.get("rewards").getAsDouble();
      of.rewardSquares = values.get("reward_squares").getAsDouble();
      of.labelled = values.get("labelled").getAsLong();
      of.correct = values.get("correct").getAsLong();
      of.numbers = values.get("numbers").getAsLong();
      of.absoluteErrors = values.get("absolute_errors").getAsDouble();
      values
          .getAsJsonObject("classes")
          .asMap()
          .forEach((name, numbers) -> {
            JsonArray three = numbers.getAsJsonArray();
            ClassCounts c = new ClassCounts();
            c.both = three.get(0).getAsLong();
            c.predicted = three.get(1).getAsLong();
            c.actual = three.get(2).getAsLong();
            of.classes.put(name, c);
          });
      read.counts.put(entry.getKey(), of);
    }
    return read;
  }

  /** What there is to say of each version of a route, as the statistics of an endpoint show it. */
  JsonArray report(String route) {
    JsonArray versions = new JsonArray();
    lock.lock();
    try {
      counts.forEach((key, of) -> {
        int at = key.lastIndexOf('\n');
        if (at >= 0 && key.substring(0, at).equals(route)) {
          JsonObject version = report(of);
          version.addProperty("version", Long.parseLong(key.substring(at + 1)));
          versions.add(version);
        }
      });
    } finally {
      lock.unlock();
    }
    return versions;
  }

  private static JsonObject report(Counts of) {
    JsonObject json = new JsonObject();
    json.addProperty("count", of.count);
    if (of.rewarded > 0) {
      json.addProperty("mean_reward", of.rewards / of.rewarded);
    }
    if (of.numbers > 0) {
      json.addProperty("mean_absolute_error", of.absoluteErrors / of.numbers);
    }
    if (of.labelled > 0) {
      json.addProperty("labelled", of.labelled);
      json.addProperty("correct", of.correct);
      json.addProperty("accuracy", (double) of.correct / of.labelled);
      JsonArray classes = new JsonArray();
      of.classes.forEach((name, c) -> {
        JsonObject one = new JsonObject();
        one.addProperty("label", name);
        one.addProperty("count", c.actual);
        if (c.predicted > 0) {
          one.addProperty("precision", (double) c.both / c.predicted);
        }
        if (c.actual > 0) {
          one.addProperty("recall", (double) c.both / c.actual);
        }
        classes.add(one);
      });
      json.add("classes", classes);
    }
    return json;
  }

  /** The rewards of all versions of a route. */
  Rewards rewards(String route) {
    lock.lock();
    try {
      long count = 0;
      double sum = 0;
      double squares = 0;
      for (Map.Entry<String, Counts> entry : counts.entrySet()) {
        if (entry.getKey().startsWith(route + "\n")) {
          count += entry.getValue().rewarded;
          sum += entry.getValue().rewards;
          squares += entry.getValue().rewardSquares;
        }
      }
      return new Rewards(count, sum, squares);
    } finally {
      lock.unlock();
    }
  }
}
