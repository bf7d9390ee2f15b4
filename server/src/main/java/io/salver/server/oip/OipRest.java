package io.salver.server.oip;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.lifecycle.ServedModels;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.Predictor;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpHandler;
import io.salver.server.inference.Failures;
import io.salver.server.inference.Inference;
import io.salver.server.inference.InferenceObserver;
import io.salver.server.inference.PerLoop;
import io.salver.server.inference.RestCall;
import io.salver.server.inference.SignatureCache;
import io.salver.server.inference.VersionInquiry;
import io.salver.server.json.JsonWriter;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The protocol over REST. Thread-safe.
 *
 * <p>Answers every path; the ones that belong to it {@linkplain #matches match}. Never looks at a
 * request's content type, because clients do not agree on one, and at no query.
 */
public final class OipRest implements HttpHandler {
  private static final int NOT_READY = 400;

  private final Inference.Context context;
  private final Duration timeout;
  private final ServerDescription server;
  private final OipControl control;
  private final OipAnswers answers = new OipAnswers(Map.of());
  private final PerLoop<RestInfer.Codec> codecs;
  private final OipRoute.Cache routes = new OipRoute.Cache();

  /**
   * The API.
   *
   * @param spine the first stage that requests enter
   * @param observer told of each prediction after it was answered
   * @param timeout how long a request waits for its answer at most
   * @param version Salver's
   */
  public OipRest(
      ServedModels models,
      Predictor spine,
      InferenceObserver observer,
      Duration timeout,
      String version,
      OipControl control) {
    this.context = new Inference.Context(models, spine, observer);
    this.timeout = timeout;
    this.server = ServerDescription.of(version, control);
    this.control = control;
    SignatureCache<InferPlan> plans = new SignatureCache<>(InferPlan::new);
    OutputLabels labels = new OutputLabels();
    this.codecs =
        new PerLoop<>(() ->
            new RestInfer.Codec(
                new InferBodyReader(plans, control.sharedMemory(), labels), new JsonWriter()));
  }

  /** Whether a request for {@code path} is to be given to {@link #handle}. */
  public static boolean matches(String path) {
    return path.startsWith("/v2") && (path.length() == 3 || path.charAt(3) == '/');
  }

  @Override
  public void handle(HttpExchange exchange) {
    try {
      OipRoute route = routes.of(exchange.path());
      if (route == null) {
        answers.fail(exchange, 404, "Not Found");
      } else if (!route.allows(exchange.method())) {
        answers.fail(exchange, 405, "Method Not Allowed");
      } else {
        handle(route, exchange);
      }
    } catch (RuntimeException e) {
      answers.fail(exchange, Failures.of(e));
    }
  }

  private void handle(OipRoute route, HttpExchange exchange) {
    switch (route) {
      case OipRoute.ModelInfer infer -> infer(infer, exchange);
      case OipRoute.ServerMetadata() -> {
        JsonWriter json = new JsonWriter();
        server.writeTo(json);
        answers.send(exchange, OipAnswers.OK, json);
      }
      case OipRoute.ServerLive() -> answers.sendEmpty(exchange, OipAnswers.OK);
      case OipRoute.ServerReady() ->
          answers.sendEmpty(exchange, context.models().isReady() ? OipAnswers.OK : NOT_READY);
      case OipRoute.ModelMetadata metadata -> metadata(metadata, exchange);
      case OipRoute.ModelReady(String model, VersionSelector selector) ->
          modelReady(model, selector, exchange);
      case OipRoute.Generate generate ->
          answers.fail(
              exchange, 501, "generate: model '" + generate.model() + "' is not generative");
      case OipRoute.Control other -> control.handle(other, exchange, answers);
    }
  }

  private void metadata(OipRoute.ModelMetadata route, HttpExchange exchange) {
    RestCall call = new RestCall(exchange, answers, timeout);
    VersionInquiry.Call inquiry =
        new VersionInquiry.Call() {
          @Override
          public @Nullable ModelLease lease(LeaseWaiter waiter) {
            return ModelVersions.lease(
                context.models(), route.model(), route.selector(), Caller.SILENT, waiter);
          }

          @Override
          public void answer(ModelLease lease) {
            JsonWriter json = new JsonWriter();
            ModelDescription.of(context.models(), route.model(), route.selector(), lease)
                .writeTo(json);
            answers.send(exchange, OipAnswers.OK, json);
          }

          @Override
          public void fail(ServingException failure) {
            call.fail(failure);
          }
        };
    call.awaitAnswerTo(new VersionInquiry(inquiry, exchange.loop()));
  }

  private void modelReady(String model, VersionSelector selector, HttpExchange exchange) {
    try {
      context.models().lease(model, selector).close();
      answers.sendEmpty(exchange, OipAnswers.OK);
    } catch (ServingException e) {
      answers.fail(exchange, NOT_READY, "Model version not ready");
    }
  }

  private void infer(OipRoute.ModelInfer route, HttpExchange exchange) {
    RestCall call = new RestCall(exchange, answers, timeout);
    RestInfer infer = new RestInfer(route, call, codecs.of(exchange.loop()), answers);
    Inference.start(context, infer, exchange.loop(), exchange.receivedNs());
    call.awaitAnswer();
  }
}
