package io.salver.server.grpc.services;

import com.google.protobuf.Descriptors.FileDescriptor;
import io.netty.buffer.ByteBuf;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcStatus;
import io.salver.server.grpc.StreamCall;
import io.salver.server.grpc.StreamListener;
import io.salver.server.grpc.UnaryCall;
import io.salver.server.grpc.services.proto.HealthCheckRequest;
import io.salver.server.grpc.services.proto.HealthCheckResponse;
import io.salver.server.grpc.services.proto.HealthCheckResponse.ServingStatus;
import io.salver.server.grpc.services.proto.HealthProtos;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code grpc.health.v1.Health}: whether the server, or a service of it, takes requests.
 * Thread-safe.
 *
 * <p>Watchers learn of a change within {@link #POLL_INTERVAL}.
 */
public final class HealthService implements AutoCloseable {
  private static final String NAME = "grpc.health.v1.Health/";
  private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

  private final BooleanSupplier ready;
  private final Set<String> services;
  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
  private final Thread poller;
  private volatile boolean closed;

  /**
   * A service.
   *
   * @param ready whether the server takes requests; asked often, by any thread
   * @param services the names that may be asked for beside the empty one, which is the server
   */
  public HealthService(BooleanSupplier ready, Set<String> services) {
    this.ready = ready;
    this.services = new HashSet<>(services);
    this.services.add("");
    this.poller = Thread.ofVirtual().name("salver-health").start(this::pollUntilInterrupted);
  }

  /** What reflection tells of this service. */
  public static FileDescriptor descriptor() {
    return HealthProtos.getDescriptor();
  }

  /** The methods to serve. */
  public List<GrpcMethod> methods() {
    return List.of(
        new GrpcMethod.Unary(NAME + "Check", this::check),
        new GrpcMethod.Streaming(NAME + "Watch", this::watch));
  }

  private void check(UnaryCall call, ByteBuf message) {
    String service = GrpcBuffers.parse(message, HealthCheckRequest.parser()).getService();
    ServingStatus status = status(service);
    if (status == ServingStatus.SERVICE_UNKNOWN) {
      call.fail(GrpcStatus.NOT_FOUND, "unknown service: " + service);
    } else {
      call.reply(GrpcBuffers.write(call, response(status)));
    }
  }

  private ServingStatus status(String service) {
    if (!services.contains(service)) {
      return ServingStatus.SERVICE_UNKNOWN;
    }
    return !closed && ready.getAsBoolean() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  private static HealthCheckResponse response(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }

  private StreamListener watch(StreamCall call) {
    call.request(1);
    return new Watcher(call);
  }

  private void pollUntilInterrupted() {
    try {
      while (true) {
        Thread.sleep(POLL_INTERVAL);
        poll();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  /** Tells watchers whose status has changed. */
  void poll() {
    watchers.removeIf(watcher -> !watcher.wake());
  }

  /** Says from now on that nothing is served, and tells watchers so before anything else. */
  @Override
  public void close() {
    closed = true;
    poller.interrupt();
    poll();
  }

  /** One client that watches. Confined to its loop. */
  private final class Watcher implements StreamListener {
    private final StreamCall call;
    private @Nullable String service;
    private @Nullable ServingStatus told;

    Watcher(StreamCall call) {
      this.call = call;
    }

    @Override
    public void onMessage(ByteBuf message) {
      service = GrpcBuffers.parse(message, HealthCheckRequest.parser()).getService();
      tell();
      watchers.add(this);
    }

    /** Has {@link #tell} run on the loop; false if that is gone. By any thread. */
    boolean wake() {
      try {
        call.loop().execute(this::tell);
        return true;
      } catch (RejectedExecutionException e) {
        return false;
      }
    }

    /** Says the status if it is news. */
    private void tell() {
      if (service == null || call.isCancelled()) {
        return;
      }
      ServingStatus now = status(service);
      if (now != told) {
        told = now;
        call.send(GrpcBuffers.write(call, response(now)));
      }
    }

    @Override
    public void onHalfClose() {
      if (service == null) {
        call.fail(GrpcStatus.INVALID_ARGUMENT, "no request (expected: one)");
      }
    }

    @Override
    public void onDrain() {
      tell();
      watchers.remove(this);
      call.fail(GrpcStatus.UNAVAILABLE, "the server shuts down");
    }

    @Override
    public void onCancel() {
      watchers.remove(this);
    }
  }
}
