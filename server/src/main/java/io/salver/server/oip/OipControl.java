package io.salver.server.oip;

import io.salver.server.grpc.GrpcMethod;
import io.salver.server.http.HttpExchange;
import io.salver.server.sharedmemory.SharedMemoryRegions;
import java.util.List;
import java.util.Set;

/**
 * Answers what is no prediction: configuration, statistics, the repository, shared memory, traces
 * and the log. Thread-safe.
 */
public final class OipControl {
  /** Controls that are all switched off. */
  public OipControl() {}

  /** The extensions that it adds to those of predictions, by their names in the protocol. */
  Set<String> extensions() {
    return Set.of();
  }

  /** The regions that predictions may read and write. */
  SharedMemoryRegions sharedMemory() {
    return SharedMemoryRegions.disabled();
  }

  /** The gRPC methods, by their full names. */
  List<GrpcMethod> methods() {
    return List.of();
  }

  /** Answers a request that the route {@linkplain OipRoute#allows allows}, now or later. */
  void handle(OipRoute.Control route, HttpExchange exchange, OipAnswers answers) {
    answers.fail(exchange, 501, exchange.path() + " is not supported");
  }
}
