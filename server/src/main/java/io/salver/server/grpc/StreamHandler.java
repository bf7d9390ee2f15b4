package io.salver.server.grpc;

/** Answers the calls of a streaming method. Called by all event loops. */
@FunctionalInterface
public interface StreamHandler {
  /**
   * Begins a call, on its loop. No message is delivered until the listener or this asks for one by
   * {@link StreamCall#request}. What it throws fails the call as for {@link UnaryHandler}.
   */
  StreamListener open(StreamCall call);
}
