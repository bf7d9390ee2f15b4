package io.salver.server.tfserving;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.Observer;
import io.salver.predict.Predictor;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpHandler;
import io.salver.server.inference.Failures;
import io.salver.server.inference.Inference;
import io.salver.server.inference.InferenceCall;
import io.salver.server.inference.InferenceObserver;
import io.salver.server.inference.PerLoop;
import io.salver.server.inference.RestCall;
import io.salver.server.inference.VersionInquiry;
import io.salver.server.json.JsonWriter;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * TensorFlow Serving's REST API, and a list of all models at {@code /v1/models}. Thread-safe.
 *
 * <p>Answers every path; the ones that belong to it begin with {@link #PREFIX}.
 */
public final class RestApi implements HttpHandler {
  /** What its paths begin with, in upper or lower case. */
  public static final String PREFIX = "/v1/";

  private static final Map<String, String> CORS_HEADERS =
      Map.of(
          "access-control-allow-origin", "*",
          "access-control-allow-methods", "POST, GET",
          "access-control-allow-headers", "Content-Type");

  private final Inference.Context context;
  private final Duration timeout;
  private final RestAnswers answers;
  private final PerLoop<RestCodec> codecs = new PerLoop<>(RestCodec::new);

  /**
   * The API.
   *
   * @param spine the first stage that requests enter
   * @param observer told of each prediction after it was answered
   * @param timeout how long a request waits for its answer at most
   * @param cors whether answers allow scripts of other origins to read them
   */
  public RestApi(
      ServedModels models, Predictor spine, Observer observer, Duration timeout, boolean cors) {
    this(models, spine, InferenceObserver.of(observer), timeout, cors);
  }

  /** As the other, with an observer that is also told of what is refused early. */
  public RestApi(
      ServedModels models,
      Predictor spine,
      InferenceObserver observer,
      Duration timeout,
      boolean cors) {
    this.context = new Inference.Context(models, spine, observer);
    this.timeout = timeout;
    this.answers = new RestAnswers(cors ? CORS_HEADERS : Map.of());
  }

  @Override
  public void handle(HttpExchange exchange) {
    try {
      if (exchange.method().equals("OPTIONS")) {
        preflight(exchange);
      } else {
        handle(RestRoute.of(exchange.method(), exchange.path()), exchange);
      }
    } catch (RuntimeException e) {
      answers.fail(exchange, Failures.of(e));
    }
  }

  private void handle(RestRoute route, HttpExchange exchange) {
    switch (route) {
      case RestRoute.Predict predict -> {
        RestCall call = call(exchange);
        infer(new RestPredict(predict, call, codecs.of(exchange.loop()), answers), call);
      }
      case RestRoute.Examples examples -> {
        RestCall call = call(exchange);
        infer(new RestExamples(examples, call, codecs.of(exchange.loop()), answers), call);
      }
      case RestRoute.Status(String model, VersionSelector selector) ->
          answers.send(exchange, RestStatus.OK, status(model, selector));
      case RestRoute.Metadata metadata -> metadata(metadata, exchange);
      case RestRoute.Models() -> list(exchange);
    }
  }

  private RestCall call(HttpExchange exchange) {
    return new RestCall(exchange, answers, timeout);
  }

  private void infer(InferenceCall inference, RestCall call) {
    HttpExchange exchange = call.exchange();
    Inference.start(context, inference, exchange.loop(), exchange.receivedNs());
    call.awaitAnswer();
  }

  /** A label does not narrow the answer down; TensorFlow Serving does not look at it either. */
  private String status(String model, VersionSelector selector) {
    OptionalLong version =
        selector instanceof VersionSelector.Exact(long exact)
            ? OptionalLong.of(exact)
            : OptionalLong.empty();
    return RestAnswers.json(ModelStatuses.of(context.models(), model, version)) + "\n";
  }

  private void metadata(RestRoute.Metadata route, HttpExchange exchange) {
    RestCall call = call(exchange);
    VersionInquiry.Call inquiry =
        new VersionInquiry.Call() {
          @Override
          public @Nullable ModelLease lease(LeaseWaiter waiter) {
            return context.models().lease(route.model(), route.selector(), Caller.SILENT, waiter);
          }

          @Override
          public void answer(ModelLease lease) {
            answers.send(exchange, RestStatus.OK, metadata(lease));
          }

          @Override
          public void fail(ServingException failure) {
            call.fail(failure);
          }
        };
    call.awaitAnswerTo(new VersionInquiry(inquiry, exchange.loop()));
  }

  private static String metadata(ModelLease lease) {
    ModelMetadata metadata = ModelMetadata.of(lease);
    return "{\n\"model_spec\":"
        + RestAnswers.json(metadata.modelSpec())
        + ",\n\"metadata\": {\"signature_def\": "
        + RestAnswers.json(metadata.signatures())
        + "}\n}\n";
  }

  private void list(HttpExchange exchange) {
    JsonWriter out = codecs.of(exchange.loop()).writer().clear();
    ModelListJson.write(context.models().statuses(), out);
    answers.send(exchange, RestStatus.OK, out);
  }

  private void preflight(HttpExchange exchange) {
    String origin = exchange.header("origin");
    if (origin == null || !(origin.startsWith("http://") || origin.startsWith("https://"))) {
      throw ServingException.invalid("Origin header is missing in CORS preflight");
    }
    answers.send(exchange, RestStatus.OK, "");
  }
}
