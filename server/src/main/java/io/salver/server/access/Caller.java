package io.salver.server.access;

import io.salver.server.net.Peer;
import org.jspecify.annotations.Nullable;

/** What a request shows of whoever makes it. Confined to the loop of its connection. */
public interface Caller {
  /** The first header, or gRPC metadata, of this name, or null. */
  @Nullable String header(String lowerCaseName);

  /** The other end of the connection. */
  Peer peer();
}
