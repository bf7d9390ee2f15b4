package io.salver.server.console;

import io.salver.lifecycle.ServedModels;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpHandler;
import io.salver.server.metrics.PredictionMetrics;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The console's page at {@code /} and under {@code /console}, and the events that it listens to at
 * {@code /v1/events}. GET and HEAD only. Thread-safe.
 *
 * <p>What the page can do beyond looking, it does by the routes that everybody has.
 */
public final class Console implements HttpHandler, AutoCloseable {
  /** Where the events are. */
  public static final String EVENTS = "/v1/events";

  private static final String PAGES = "/console";
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final ConsoleFiles files = new ConsoleFiles();
  private final StateFeed feed;

  /**
   * The console of a server.
   *
   * @param gauges numbers that the events tell beside those of the models, by their names
   * @param version Salver's
   */
  public Console(
      ServedModels models,
      PredictionMetrics metrics,
      Map<String, LongSupplier> gauges,
      String version) {
    ServerState state =
        new ServerState(
            models, metrics, gauges, version, System::nanoTime, System::currentTimeMillis);
    this.feed = new StateFeed(state::event, state::forget, PERIOD);
  }

  /** Whether a request for {@code path} is to be given to {@link #handle}. */
  public static boolean matches(String path) {
    return path.equals("/")
        || path.equals(EVENTS)
        || path.startsWith(PAGES)
            && (path.length() == PAGES.length() || path.charAt(PAGES.length()) == '/');
  }

  @Override
  public long maxBodyBytes(String method, String path) {
    return 0;
  }

  /** Answers a request whose path {@link #matches}. */
  @Override
  public void handle(HttpExchange exchange) {
    String method = exchange.method();
    boolean events = exchange.path().equals(EVENTS);
    if (!method.equals("GET") && (events || !method.equals("HEAD"))) {
      String allowed = events ? "GET" : "GET, HEAD";
      ConsoleFiles.text(
          exchange,
          405,
          "method: " + method + " (expected: " + allowed + ")\n",
          Map.of("allow", allowed));
    } else if (events) {
      feed.answer(exchange);
    } else {
      files.answer(exchange);
    }
  }

  /** Lets those go who listen to the events. */
  @Override
  public void close() {
    feed.close();
  }
}
