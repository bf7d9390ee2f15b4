package io.salver.server.admin;

import io.netty.buffer.ByteBuf;
import io.salver.lifecycle.ServedModels;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpHandler;
import io.salver.server.metrics.MetricPage;
import io.salver.server.metrics.MetricWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The pages for those who run the server: {@code /metrics}, also at a path of TensorFlow Serving's,
 * {@code /healthz}, {@code /readyz}, {@code /version} and {@code /v1/costs}. GET and HEAD only.
 *
 * <p>Metrics and costs are collected on another thread than the loop, because that may take
 * milliseconds.
 */
public final class AdminPages implements HttpHandler {
  /** Where TensorFlow Serving has its metrics, unless configured. */
  public static final String TF_METRICS_PATH = "/monitoring/prometheus/metrics";

  /** What models cost. */
  public static final String COSTS = "/v1/costs";

  private static final System.Logger LOG = System.getLogger(AdminPages.class.getName());
  private static final String JSON = "application/json";
  private static final String METRICS = "/metrics";
  private static final String HEALTH = "/healthz";
  private static final String READY = "/readyz";
  private static final String VERSION = "/version";

  private final Readiness readiness;
  private final MetricPage metrics;
  private final String metricsPath;
  private final Supplier<byte[]> costs;
  private final Answer version;
  private final Executor collector;

  /**
   * The pages of a server.
   *
   * @param isDraining whether the server has been told to end
   * @param metricsPath a second path for the metrics, as {@link #TF_METRICS_PATH}; begins with a
   *     slash
   * @param costs the page of costs, as JSON; called by a thread that may wait
   * @param version Salver's
   */
  public AdminPages(
      ServedModels served,
      BooleanSupplier isDraining,
      MetricPage metrics,
      String metricsPath,
      Supplier<byte[]> costs,
      String version) {
    this(served, isDraining, metrics, metricsPath, costs, version, Thread::startVirtualThread);
  }

  AdminPages(
      ServedModels served,
      BooleanSupplier isDraining,
      MetricPage metrics,
      String metricsPath,
      Supplier<byte[]> costs,
      String version,
      Executor collector) {
    if (!metricsPath.startsWith("/")) {
      throw new IllegalArgumentException(
          "metrics path: \"" + metricsPath + "\" (expected: a path that begins with /)");
    }
    this.readiness = new Readiness(served, isDraining);
    this.metrics = metrics;
    this.metricsPath = metricsPath;
    this.costs = costs;
    this.version = version(version);
    this.collector = collector;
  }

  private static Answer version(String version) {
    String json =
        "{\"name\": \"salver\", \"version\": \"" + version + "\", \"java\": \"" + Runtime.version();
    return Answer.of(JSON, (json + "\"}\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a request for {@code path} is to be given to {@link #handle}. */
  public boolean matches(String path) {
    return switch (path) {
      case METRICS, HEALTH, READY, VERSION, COSTS -> true;
      default -> path.equals(metricsPath);
    };
  }

  @Override
  public long maxBodyBytes(String method, String path) {
    return 0;
  }

  /** Answers a request whose path {@link #matches}. */
  @Override
  public void handle(HttpExchange exchange) {
    if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
      respond(exchange, Answer.methodNotAllowed(exchange.method()));
      return;
    }
    switch (exchange.path()) {
      case HEALTH -> respond(exchange, Answer.text(200, "ok\n"));
      case READY -> respond(exchange, readiness.answer());
      case VERSION -> respond(exchange, version);
      case COSTS -> collect(exchange, "costs", JSON, costs);
      default -> collect(exchange, "metrics", MetricWriter.CONTENT_TYPE, metrics::render);
    }
  }

  private void collect(
      HttpExchange exchange, String what, String contentType, Supplier<byte[]> page) {
    boolean gzip = accepts(exchange.header("accept-encoding"), "gzip");
    collector.execute(() -> {
      Answer answer = collected(what, contentType, page, gzip);
      exchange.loop().execute(() -> respond(exchange, answer));
    });
  }

  private static Answer collected(
      String what, String contentType, Supplier<byte[]> page, boolean gzip) {
    try {
      byte[] body = page.get();
      return gzip ? Answer.gzipped(contentType, gzip(body)) : Answer.of(contentType, body);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, what + " could not be collected", e);
      return Answer.text(500, what + " could not be collected: see the server's log\n");
    }
  }

  private static byte[] gzip(byte[] page) {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream(page.length / 4 + 64);
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(page);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return zipped.toByteArray();
  }

  /** Whether an Accept-Encoding names {@code coding} and does not forbid it. */
  static boolean accepts(@Nullable String acceptEncoding, String coding) {
    if (acceptEncoding == null) {
      return false;
    }
    for (String element : acceptEncoding.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = element.replace(" ", "").split(";", -1);
      if (parts[0].equals(coding)) {
        return parts.length == 1 || !parts[1].matches("q=0(\\.0*)?");
      }
    }
    return false;
  }

  private static void respond(HttpExchange exchange, Answer answer) {
    ByteBuf body = exchange.newBody(answer.body().length);
    body.writeBytes(answer.body());
    exchange.respond(answer.status(), answer.contentType(), answer.headers(), body);
  }
}
