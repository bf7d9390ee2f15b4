package io.salver.server.trace;

import io.salver.predict.Category;
import io.salver.server.metrics.Api;
import io.salver.server.metrics.Method;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Events as a server would have them. */
final class TestEvents {
  static final long MS = 1_000_000;
  static final TraceContext TRACE =
      new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "01", "");

  private TestEvents() {}

  /** An answer of {@code model}, version 3, to two rows, that was run for so long. */
  static RequestEvent answered(String model, long receivedNs, long runNs) {
    RequestEvent.Stages stages = new RequestEvent.Stages(1_000, 2_500, 0, runNs, 500);
    return new RequestEvent(
        new InetSocketAddress("10.1.2.3", 4711),
        "",
        Api.REST,
        Method.PREDICT,
        "",
        model,
        3,
        2,
        40,
        50,
        null,
        "",
        receivedNs,
        stages.totalNs(),
        stages,
        "",
        null,
        false);
  }

  /** A request that was refused before it held a version. */
  static RequestEvent refused(String model, String message) {
    return new RequestEvent(
        null,
        "",
        Api.OIP_GRPC,
        Method.PREDICT,
        "",
        model,
        RequestEvent.NO_VERSION,
        0,
        7,
        0,
        Category.NOT_FOUND,
        message,
        0,
        9_000,
        RequestEvent.Stages.NONE,
        "",
        null,
        false);
  }

  /** The same event, of an endpoint, in a trace. */
  static RequestEvent traced(
      RequestEvent e, String endpoint, String predictionId, @Nullable TraceContext trace) {
    return new RequestEvent(
        e.remote(),
        "alice b",
        e.api(),
        e.method(),
        endpoint,
        e.model(),
        e.version(),
        e.rows(),
        e.requestBytes(),
        e.responseBytes(),
        e.failure(),
        e.message(),
        e.receivedNs(),
        e.totalNs(),
        e.stages(),
        predictionId,
        trace,
        true);
  }
}
