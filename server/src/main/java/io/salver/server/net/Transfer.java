package io.salver.server.net;

import io.salver.predict.Caller;
import io.salver.server.access.Principal;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Who sent a request, and how much went over the wire. Confined to the connection's loop. */
public interface Transfer extends Caller {
  /** Nobody that is known of. */
  Transfer UNKNOWN = _ -> null;

  /** The other end of the connection; null if that is not known. */
  default @Nullable SocketAddress remote() {
    return null;
  }

  /** On whose behalf it was sent. */
  default Principal principal() {
    return Principal.NOBODY;
  }

  /** Bytes of the request's body or message, as it was decoded; of a stream, of all so far. */
  default long requestBytes() {
    return 0;
  }

  /** Bytes of the answer's body or message, as they are sent; of a stream, of all so far. */
  default long responseBytes() {
    return 0;
  }
}
