package io.salver.server.net;

import io.salver.server.tls.TlsCredentials;
import io.salver.tensor.MemoryBudget;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where to listen, and with how many threads.
 *
 * @param tcp addresses with plain text; port 0 is any free port
 * @param tls addresses with TLS, if there are any
 * @param unixSockets paths of Unix domain sockets; a socket that a dead process left is replaced
 * @param eventLoops threads that read, decode and write, at least 1
 * @param requestLimitBytes the most tensor memory that one request may take
 * @param requestMemory what the bodies and tensors of all requests together may take
 * @param sockets how connections are accepted, and how many
 */
public record ListenerConfig(
    List<InetSocketAddress> tcp,
    Optional<Tls> tls,
    List<Path> unixSockets,
    int eventLoops,
    long requestLimitBytes,
    MemoryBudget requestMemory,
    SocketOptions sockets) {
  private static final long DEFAULT_REQUEST_LIMIT_BYTES = 1L << 30;

  /**
   * Where TLS is spoken.
   *
   * @param addresses port 0 is any free port
   * @param credentials what is shown there; closed by whoever made them
   */
  public record Tls(List<InetSocketAddress> addresses, TlsCredentials credentials) {
    public Tls {
      addresses = List.copyOf(addresses);
    }
  }

  public ListenerConfig {
    tcp = List.copyOf(tcp);
    unixSockets = List.copyOf(unixSockets);
    if (tcp.isEmpty() && tls.isEmpty() && unixSockets.isEmpty()) {
      throw new IllegalArgumentException("addresses: none (expected: at least one to listen on)");
    }
    if (eventLoops < 1) {
      throw new IllegalArgumentException("event loops: " + eventLoops + " (expected: >= 1)");
    }
    if (requestLimitBytes < 1) {
      throw new IllegalArgumentException(
          "request limit: " + requestLimitBytes + " bytes (expected: >= 1)");
    }
  }

  /** These ports of the loopback address, one loop for each processor. */
  public static ListenerConfig onLoopback(int... ports) {
    List<InetSocketAddress> tcp =
        Arrays.stream(ports)
            .mapToObj(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .toList();
    return new ListenerConfig(
        tcp,
        Optional.empty(),
        List.of(),
        Runtime.getRuntime().availableProcessors(),
        DEFAULT_REQUEST_LIMIT_BYTES,
        MemoryBudget.UNLIMITED,
        SocketOptions.DEFAULT);
  }

  /** With these Unix sockets instead. */
  public ListenerConfig withUnixSockets(List<Path> unixSockets) {
    return new ListenerConfig(
        tcp, tls, unixSockets, eventLoops, requestLimitBytes, requestMemory, sockets);
  }

  /** With TLS on all addresses that had plain text. */
  public ListenerConfig withTls(TlsCredentials credentials) {
    return new ListenerConfig(
        List.of(),
        Optional.of(new Tls(tcp, credentials)),
        unixSockets,
        eventLoops,
        requestLimitBytes,
        requestMemory,
        sockets);
  }

  /** With so many loops instead. */
  public ListenerConfig withEventLoops(int eventLoops) {
    return new ListenerConfig(
        tcp, tls, unixSockets, eventLoops, requestLimitBytes, requestMemory, sockets);
  }

  /** With sockets like these instead. */
  public ListenerConfig withSockets(SocketOptions sockets) {
    return new ListenerConfig(
        tcp, tls, unixSockets, eventLoops, requestLimitBytes, requestMemory, sockets);
  }
}
