package io.salver.server.guard;

import io.salver.server.access.AccessRule;
import io.salver.server.access.Role;
import io.salver.server.http.HttpExchange;
import io.salver.server.net.Peer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pages of other sites from using a visitor's browser against the server. Thread-safe.
 *
 * <ul>
 *   <li>What changes something is refused where the browser says that another site asks for it
 *       (Fetch Metadata's {@code Sec-Fetch-Site}, or an {@code Origin} that is not the host).
 *       Clients that are no browsers send neither.
 *   <li>A change of control has to come as JSON, which a form cannot send.
 *   <li>A name that was made to point at this machine opens nothing: whoever shows no credentials
 *       has to call control by a name that is known to be this machine's.
 * </ul>
 */
public final class BrowserRules {
  private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Set<String> hosts = new HashSet<>(THIS_MACHINE);

  /**
   * The rules of a server.
   *
   * @param hosts names, beside those of the loopback address, by which this machine may be called
   */
  public BrowserRules(Set<String> hosts) {
    hosts.forEach(host -> this.hosts.add(host.toLowerCase(Locale.ROOT)));
  }

  /**
   * Why a request is not served.
   *
   * @param status of HTTP
   */
  record Problem(int status, String message) {}

  /** What is wrong with a request that is admitted otherwise; null if nothing is. */
  @Nullable Problem problem(AccessRule rule, HttpExchange exchange) {
    if (rule.control()
        && exchange.principal().isAnonymous()
        && exchange.peer().kind() != Peer.Kind.UNIX_SOCKET
        && !isKnown(exchange.header("host"))) {
      return new Problem(
          421,
          "host: "
              + exchange.header("host")
              + " (expected: localhost or a host that is configured)");
    }
    if (!changes(rule, exchange.method())) {
      return null;
    }
    if (isCrossSite(exchange)) {
      return new Problem(
          403, "origin: " + exchange.header("origin") + " (expected: a page of this server)");
    }
    return rule.control() && exchange.bodyLength() > 0 && !isJson(exchange.header("content-type"))
        ? new Problem(
            415,
            "content-type: " + exchange.header("content-type") + " (expected: application/json)")
        : null;
  }

  private static boolean changes(AccessRule rule, String method) {
    boolean reads = method.equals("GET") || method.equals("HEAD");
    return !reads && (rule.control() || rule.anyOf().contains(Role.ADMIN));
  }

  private boolean isKnown(@Nullable String host) {
    return host != null && hosts.contains(name(host).toLowerCase(Locale.ROOT));
  }

  /** A host header without its port. */
  private static String name(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }

  private static boolean isCrossSite(HttpExchange exchange) {
    String site = exchange.header("sec-fetch-site");
    if (site != null) {
      return !site.equals("same-origin") && !site.equals("none");
    }
    String origin = exchange.header("origin");
    String host = exchange.header("host");
    return origin != null
        && (host == null
            || !(origin.equalsIgnoreCase("http://" + host)
                || origin.equalsIgnoreCase("https://" + host)));
  }

  private static boolean isJson(@Nullable String type) {
    return type != null
        && type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals("application/json");
  }
}
