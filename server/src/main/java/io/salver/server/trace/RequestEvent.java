package io.salver.server.trace;

import io.salver.predict.Category;
import io.salver.predict.Stage;
import io.salver.server.metrics.Api;
import io.salver.server.metrics.Method;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a request that is over. Immutable.
 *
 * @param remote who sent it; null if that is not known
 * @param principal on whose behalf; empty if that is not known
 * @param endpoint that it was sent to; empty if it was sent to a model
 * @param model that answered or was to; what the request said, if there is none of that name
 * @param version of that model; -1 if it came to none
 * @param failure why it was not answered; null if it was
 * @param message the same in words; empty if it was answered
 * @param receivedNs when its last byte was read, as {@link System#nanoTime()}
 * @param totalNs how long it took from then on
 * @param stages how long each stage took
 * @param predictionId by which feedback names it; empty if it has none
 * @param trace what the caller said of its trace; null if nothing
 * @param sampled whether it gets spans
 */
public record RequestEvent(
    @Nullable SocketAddress remote,
    String principal,
    Api api,
    Method method,
    String endpoint,
    String model,
    long version,
    long rows,
    long requestBytes,
    long responseBytes,
    @Nullable Category failure,
    String message,
    long receivedNs,
    long totalNs,
    Stages stages,
    String predictionId,
    @Nullable TraceContext trace,
    boolean sampled) {
  /** The version of what came to none. */
  public static final long NO_VERSION = -1;

  /**
   * How long each stage took, in nanoseconds; 0 for what was left out.
   *
   * @see Stage
   */
  public record Stages(long decodeNs, long queueNs, long batchNs, long runNs, long encodeNs) {
    /** Of a request that came to none. */
    public static final Stages NONE = new Stages(0, 0, 0, 0, 0);

    /** How long {@code stage} took. */
    public long ns(Stage stage) {
      return switch (stage) {
        case DECODE -> decodeNs;
        case QUEUE -> queueNs;
        case BATCH -> batchNs;
        case RUN -> runNs;
        case ENCODE -> encodeNs;
      };
    }

    /** All of them together. */
    long totalNs() {
      return decodeNs + queueNs + batchNs + runNs + encodeNs;
    }
  }

  /** {@code OK}, or the gRPC name of the failure. */
  public String status() {
    return failure == null ? "OK" : failure.name();
  }

  /** The remote address as text; empty if it is not known. */
  public String remoteText() {
    if (remote instanceof InetSocketAddress inet && inet.getAddress() != null) {
      String host = inet.getAddress().getHostAddress();
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + inet.getPort();
    }
    return remote == null ? "" : "unix";
  }
}
