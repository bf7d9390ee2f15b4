package io.salver.it;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.ConnectException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Calls by gRPC. A call may fail only because there was no connection to make it on: one that the
 * server has refused by GOAWAY is made anew by grpc-java, and finds nobody listening.
 */
final class GrpcDrainClient implements DrainClient {
  private final GrpcClient client;
  private final Queue<String> problems = new ConcurrentLinkedQueue<>();
  private volatile long answered;

  GrpcDrainClient(GrpcClient client) {
    this.client = client;
  }

  @Override
  public void run() {
    try {
      for (long i = 0; ; i++) {
        float x = i % 1000;
        HalfPlusTwoCalls.problem(x, client.call(GrpcClient.PREDICT, HalfPlusTwoCalls.request(x)))
            .ifPresent(problems::add);
        answered = i + 1;
      }
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.UNAVAILABLE || !isConnectFailure(e)) {
        problems.add("gRPC after " + answered + ": " + e + ", cause " + e.getCause());
      }
    }
  }

  private static boolean isConnectFailure(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException) {
        return true;
      }
    }
    return false;
  }

  @Override
  public long answered() {
    return answered;
  }

  @Override
  public List<String> problems() {
    return List.copyOf(problems);
  }
}
