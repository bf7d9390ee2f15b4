package io.salver.server.admin;

import io.netty.buffer.ByteBuf;
import io.salver.control.ModelAction;
import io.salver.control.ModelOperations;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpHandler;
import io.salver.server.inference.Failures;
import io.salver.server.inference.PercentDecoder;
import io.salver.server.json.JsonReader;
import io.salver.server.json.JsonWriter;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What operators do to models, over REST: {@code /v1/control/models}, {@code
 * /v1/control/models/M:load} and so on; docs/how-to/many-models.md says how. Thread-safe.
 *
 * <p>Operations may take as long as a load does: they run on threads of their own.
 */
public final class ModelsRest implements HttpHandler {
  /** What its paths begin with. */
  private static final String MODELS = "/v1/control/models";

  private static final String LABELS = "/labels";
  private static final long MAX_BODY_BYTES = 64 << 10;
  private static final Map<String, String> FRESH = Map.of("cache-control", "no-store");

  private final ModelOperations operations;
  private final Function<HttpExchange, String> actors;

  /**
   * The API to {@code operations}.
   *
   * @param actors who makes a request, for the audit log; called on the exchange's loop
   */
  public ModelsRest(ModelOperations operations, Function<HttpExchange, String> actors) {
    this.operations = operations;
    this.actors = actors;
  }

  /** Whether a request for {@code path} is to be given to {@link #handle}. */
  public static boolean matches(String path) {
    return path.equals(MODELS) || path.startsWith(MODELS + "/");
  }

  @Override
  public long maxBodyBytes(String method, String path) {
    return MAX_BODY_BYTES;
  }

  @Override
  public void handle(HttpExchange exchange) {
    try {
      Supplier<JsonWriter> work = work(exchange);
      Thread.ofVirtual()
          .name("salver-models")
          .start(() -> {
            Runnable end = end(exchange, work);
            exchange.loop().execute(end);
          });
    } catch (RuntimeException e) {
      fail(exchange, Failures.of(e));
    }
  }

  private static Runnable end(HttpExchange exchange, Supplier<JsonWriter> work) {
    try {
      JsonWriter json = work.get();
      return () -> send(exchange, 200, json);
    } catch (RuntimeException e) {
      ServingException failure = Failures.of(e);
      return () -> fail(exchange, failure);
    }
  }

  // --- what is asked ---

  /** Reads the request, on its loop; what is returned does not touch it. */
  private Supplier<JsonWriter> work(HttpExchange exchange) {
    String path = exchange.path();
    if (path.equals(MODELS) || path.equals(MODELS + "/")) {
      require("GET", exchange);
      return this::list;
    }
    String rest = path.substring(MODELS.length() + 1);
    if (rest.endsWith(LABELS)) {
      require("PUT", exchange);
      String model = name(rest.substring(0, rest.length() - LABELS.length()));
      return perform(model, new ModelAction.Label(numbers(exchange)), exchange);
    }
    int colon = rest.lastIndexOf(':');
    if (colon < 0) {
      require("GET", exchange);
      String model = name(rest);
      return () -> ModelsJson.model(operations.get(model));
    }
    require("POST", exchange);
    String model = name(rest.substring(0, colon));
    return perform(model, action(rest.substring(colon + 1), exchange), exchange);
  }

  private JsonWriter list() {
    return ModelsJson.list(operations.list(), operations.memory());
  }

  private Supplier<JsonWriter> perform(String model, ModelAction action, HttpExchange exchange) {
    String actor = actors.apply(exchange);
    return () -> ModelsJson.model(operations.perform(model, action, actor));
  }

  private static ModelAction action(String action, HttpExchange exchange) {
    return switch (action) {
      case "load" -> new ModelAction.Load();
      case "unload" -> new ModelAction.Unload();
      case "pin" -> new ModelAction.Pin(true);
      case "unpin" -> new ModelAction.Pin(false);
      case "reset" -> new ModelAction.Reset();
      case "rollback" -> {
        Map<String, Long> body = numbers(exchange);
        Long version = body.get("version");
        if (version == null || body.size() > 1) {
          throw ServingException.invalid("body: " + body.keySet() + " (expected: version)");
        }
        yield new ModelAction.RollBack(version);
      }
      default ->
          throw new ServingException(
              Category.NOT_FOUND,
              "action: " + action + " (expected: load, unload, pin, unpin, rollback or reset)");
    };
  }

  private static String name(String encoded) {
    String name = PercentDecoder.decode(encoded, false);
    if (name.isEmpty()) {
      throw ServingException.invalid("model: \"\" (expected: its name)");
    }
    return name;
  }

  private static void require(String method, HttpExchange exchange) {
    if (!exchange.method().equals(method)) {
      throw new ServingException(
          Category.UNIMPLEMENTED, "method: " + exchange.method() + " (expected: " + method + ")");
    }
  }

  /** The body: an object of versions. */
  private static Map<String, Long> numbers(HttpExchange exchange) {
    JsonReader in = new JsonReader();
    in.reset(exchange.body(), exchange.bodyLength());
    Map<String, Long> numbers = new TreeMap<>();
    if (in.peek() != '{') {
      throw ServingException.invalid(
          "body: not an object (expected: as {\"stable\": 3}, or {\"version\": 3})");
    }
    for (boolean more = in.firstMember(); more; more = in.nextMember()) {
      String name = in.string();
      if (!in.isNumber()) {
        throw ServingException.invalid(name + ": " + in.typeName() + " (expected: a version)");
      }
      in.readNumber();
      if (!in.isInteger() || in.isNegative() || in.magnitude() < 0) {
        throw ServingException.invalid(name + ": not a version (expected: an integer >= 0)");
      }
      numbers.put(name, in.magnitude());
    }
    if (in.peek() != -1) {
      throw in.syntaxError("The document root must not be followed by other values.");
    }
    return numbers;
  }

  // --- what is answered ---

  private static void send(HttpExchange exchange, int status, JsonWriter json) {
    ByteBuf body = exchange.newBody(json.size());
    body.writeBytes(json.array(), 0, json.size());
    exchange.respond(status, "application/json", FRESH, body);
  }

  private static void fail(HttpExchange exchange, ServingException failure) {
    JsonWriter json = new JsonWriter();
    json.raw("{\"error\":").string(failure.getMessage()).raw("}\n");
    send(exchange, status(failure.category()), json);
  }

  /** What is in the way of a request now is a conflict: this one may do later. */
  private static int status(Category category) {
    return switch (category) {
      case INVALID_ARGUMENT, OUT_OF_RANGE, CANCELLED -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case UNIMPLEMENTED -> 405;
      case FAILED_PRECONDITION, ALREADY_EXISTS, ABORTED -> 409;
      case RESOURCE_EXHAUSTED -> 429;
      case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
    };
  }
}
