package io.salver.server.clipper;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.salver.endpoint.FeedbackHandler;
import io.salver.endpoint.JsonTrees;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.admin.ControlAnswer;
import io.salver.server.admin.ControlWorkers;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpHandler;
import io.salver.server.inference.Failures;
import io.salver.server.inference.PercentDecoder;
import io.salver.tensor.Signature;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The REST API of Clipper's query frontend, for clients that have been written for it: {@code POST
 * /APP/predict} and {@code POST /APP/update}, where an application is an endpoint.
 * docs/how-to/move-from-clipper.md says what becomes of what. Thread-safe.
 */
public final class ClipperRest implements HttpHandler {
  private static final Pattern PATH = Pattern.compile("/([^/]+)/(predict|update)");

  private final Parts parts;
  private final AtomicLong queries = new AtomicLong();

  /**
   * What it works with.
   *
   * @param predictions answers {@code POST /v1/models/APP:predict}
   * @param signatures by which requests for an application are read, if that is known
   * @param feedback takes what becomes of predictions
   */
  public record Parts(
      HttpHandler predictions,
      Function<String, Optional<Signature>> signatures,
      FeedbackHandler feedback,
      ControlWorkers workers) {}

  public ClipperRest(Parts parts) {
    this.parts = parts;
  }

  /** Whether a request for {@code path}, which is nobody else's, is to be given to this. */
  public static boolean matches(String path) {
    return PATH.matcher(path).matches();
  }

  /** Less than models take: a tree of JSON needs many times its text's memory. */
  @Override
  public long maxBodyBytes(String method, String path) {
    return JsonTrees.MAX_CHARS;
  }

  @Override
  public void handle(HttpExchange exchange) {
    Matcher path = PATH.matcher(exchange.path());
    if (!path.matches() || !exchange.method().equals("POST")) {
      ClipperAnswers.send(exchange, 404, "Could not find path: " + exchange.path());
    } else if (path.group(2).equals("predict")) {
      predict(exchange, path.group(1));
    } else {
      update(exchange, PercentDecoder.decode(path.group(1), false));
    }
  }

  private JsonObject body(HttpExchange exchange) {
    String text = new String(exchange.body(), 0, exchange.bodyLength(), StandardCharsets.UTF_8);
    return JsonTrees.object(text);
  }

  /** By the name as it is in the path, not decoded. */
  private void predict(HttpExchange exchange, String application) {
    List<JsonElement> inputs;
    try {
      inputs = ClipperInputs.read(body(exchange));
    } catch (ServingException e) {
      ClipperAnswers.send(exchange, 400, ClipperAnswers.notJson(e));
      return;
    }
    boolean scalar =
        parts
            .signatures
            .apply(PercentDecoder.decode(application, false))
            .filter(ClipperInputs::takesScalars)
            .isPresent();
    ClipperQueries all = new ClipperQueries(exchange, inputs.size(), queries);
    for (int i = 0; i < inputs.size(); i++) {
      JsonElement input = inputs.get(i);
      parts.predictions.handle(
          all.query(
              i,
              "/v1/models/" + application + ":predict",
              ClipperInputs.instances(input, scalar),
              ClipperInputs.joinKey(input)));
    }
  }

  private void update(HttpExchange exchange, String endpoint) {
    JsonObject feedback;
    try {
      feedback = ClipperInputs.feedback(body(exchange));
    } catch (ServingException e) {
      ClipperAnswers.send(exchange, 400, ClipperAnswers.notAnUpdate(e));
      return;
    }
    try {
      parts.workers.run(
          exchange,
          () -> taken(endpoint, feedback),
          failure ->
              ClipperAnswers.send(
                  exchange,
                  failure.map(ControlAnswer::status).orElse(200),
                  failure.map(Failures::message).orElse("Feedback received? 1")));
    } catch (ServingException e) {
      ClipperAnswers.send(exchange, ControlAnswer.status(e), Failures.message(e));
    }
  }

  private Optional<ServingException> taken(String endpoint, JsonObject feedback) {
    try {
      parts.feedback.accept(endpoint, feedback);
      return Optional.empty();
    } catch (RuntimeException e) {
      ServingException failure = Failures.of(e);
      return Optional.of(
          failure.category() == Category.NOT_FOUND
              ? new ServingException(
                  Category.NOT_FOUND,
                  "input: of no prediction of " + endpoint + " (expected: one that was asked for)",
                  failure)
              : failure);
    }
  }
}
