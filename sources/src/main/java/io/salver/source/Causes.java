package io.salver.source;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import org.jspecify.annotations.Nullable;

/** Why a connection failed, in words that stay the same as long as the reason does. */
final class Causes {
  private static final int MAX_DEPTH = 16;

  private Causes() {}

  static String of(Throwable failure) {
    boolean refused = false;
    String said = "";
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      String known = known(cause);
      if (known != null) {
        return known;
      }
      refused |= cause instanceof ConnectException;
      said = cause.getMessage() == null ? said : cause.getMessage();
      cause = cause.getCause();
    }
    if (refused) {
      return "no connection";
    }
    return said.isEmpty() ? failure.getClass().getSimpleName() : StoredPaths.shown(said);
  }

  private static @Nullable String known(Throwable cause) {
    return switch (cause) {
      case UnknownHostException _, UnresolvedAddressException _ -> "the host's name is not known";
      case HttpTimeoutException _ -> "no answer in time";
      default -> null;
    };
  }
}
