package io.salver.server.trace;

/** Takes what is known of requests that are over. Used by one thread. */
public interface RequestSink extends AutoCloseable {
  /** Takes an event, which may be one that it does not care for; false if it cannot. */
  boolean accept(RequestEvent event);

  /** Nothing more comes at the moment. */
  default void flush() {}

  @Override
  default void close() {}
}
