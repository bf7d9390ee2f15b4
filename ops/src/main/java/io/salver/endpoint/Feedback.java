package io.salver.endpoint;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointSpec;
import io.salver.routing.Label;
import io.salver.routing.Prediction;
import io.salver.routing.PredictionIds;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes what turned out to be true of predictions, and has it counted and learnt. Each prediction
 * counts once. Thread-safe; blocks on the store.
 */
public final class Feedback implements FeedbackHandler {
  /** How long after a prediction feedback on it is taken. */
  public static final Duration MAX_AGE = Duration.ofDays(30);

  private final Endpoints endpoints;
  private final FeedbackLog log;
  private final PredictionIds ids;
  private final JoinKeys joins;
  private final Learning learning;
  private final Clock clock;

  /**
   * Feedback that is learnt by {@code learning}.
   *
   * @param ids those that the endpoints' predictions have
   * @param joins callers' own names for them
   */
  public Feedback(
      Endpoints endpoints,
      FeedbackLog log,
      PredictionIds ids,
      JoinKeys joins,
      Learning learning,
      Clock clock) {
    this.endpoints = endpoints;
    this.log = log;
    this.ids = ids;
    this.joins = joins;
    this.learning = learning;
    this.clock = clock;
  }

  @Override
  public void accept(String endpoint, JsonObject feedback) {
    EndpointSpec spec = endpoints.require(endpoint).spec();
    JsonMembers members = new JsonMembers("", feedback);
    Optional<String> given = members.string("prediction_id");
    Optional<String> joinKey = members.string("join_key");
    JsonElement label = members.get("label");
    Optional<Double> reward = members.number("reward");
    members.end();
    if (given.isPresent() == joinKey.isPresent()) {
      throw ServingException.invalid(
          "feedback: " + feedback.keySet() + " (expected: either prediction_id or join_key)");
    }
    if (label == null && reward.isEmpty()) {
      throw ServingException.invalid(
          "feedback: " + feedback.keySet() + " (expected: label, reward or both)");
    }
    reward.ifPresent(Feedback::checkReward);
    String id = given.orElseGet(() -> joined(endpoint, joinKey.orElseThrow()));
    Prediction prediction = prediction(endpoint, id);
    Truth truth = label == null ? null : truth(spec, prediction, Truth.of(label));
    if (!log.note(endpoint, id)) {
      throw new ServingException(
          Category.ALREADY_EXISTS,
          "feedback on " + shown(id) + ": taken before (expected: one for each prediction)");
    }
    learning.learn(spec, prediction, truth, reward.orElseGet(() -> reward(prediction, truth)));
  }

  private static void checkReward(double reward) {
    if (!(reward >= 0 && reward <= 1)) {
      throw ServingException.invalid("reward: " + reward + " (expected: from 0 to 1)");
    }
  }

  private String joined(String endpoint, String joinKey) {
    // A caller may know the truth as soon as it has its answer.
    joins.keep(log);
    return log.predictionOf(endpoint, joinKey)
        .orElseThrow(() ->
            new ServingException(
                Category.NOT_FOUND,
                "join_key: \""
                    + shown(joinKey)
                    + "\" of no prediction of endpoint "
                    + endpoint
                    + " (expected: what a request carried in its header salver-join-key, at most "
                    + MAX_AGE.toDays()
                    + " days ago)"));
  }

  private Prediction prediction(String endpoint, String id) {
    Prediction prediction =
        ids.decode(endpoint, id)
            .orElseThrow(() ->
                new ServingException(
                    Category.NOT_FOUND,
                    "prediction_id: \""
                        + shown(id)
                        + "\" of no prediction of endpoint "
                        + endpoint
                        + " (expected: what an answer carried in its header salver-prediction-id)"));
    Instant made = Instant.ofEpochSecond(prediction.timeSeconds());
    if (made.plus(MAX_AGE).isBefore(clock.instant())) {
      throw new ServingException(
          Category.NOT_FOUND,
          "prediction_id: of a prediction of "
              + made
              + " (expected: at most "
              + MAX_AGE.toDays()
              + " days ago)");
    }
    return prediction;
  }

  private static Truth truth(EndpointSpec spec, Prediction prediction, Truth truth) {
    Label predicted = prediction.label();
    if (predicted == null) {
      throw ServingException.invalid(
          "label: endpoint "
              + spec.name()
              + " did not predict one class or number (expected: a request of one row; or a reward)");
    }
    if (!predicted.isClass() && Double.isNaN(truth.number())) {
      throw ServingException.invalid(
          "label: \"" + shown(truth.text()) + "\" (expected: a number, as was predicted)");
    }
    return truth;
  }

  /** 1 for the right class, 0 for a wrong one; for numbers within 0 and 1 how near they are. */
  private static double reward(Prediction prediction, @Nullable Truth truth) {
    Label predicted = prediction.label();
    if (truth == null || predicted == null) {
      return Double.NaN;
    }
    if (predicted.isClass()) {
      return truth.is(predicted) ? 1 : 0;
    }
    double distance = truth.distance(predicted);
    return truth.number() >= 0 && truth.number() <= 1 && distance <= 1 ? 1 - distance : Double.NaN;
  }

  private static String shown(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
