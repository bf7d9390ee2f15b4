package io.salver.cli.config;

import io.salver.server.net.TransportKind;
import java.util.Optional;

/**
 * Where Salver listens. Every port speaks HTTP/1.1, HTTP/2 and gRPC; that there are two has only to
 * do with what clients expect.
 *
 * @param host the address to bind, by default this machine only
 * @param grpcPort 0 for none
 * @param restPort 0 for none
 * @param unixSocket the path of a Unix domain socket, if wanted
 * @param eventLoops threads that read, decode, encode and write; 0 for one for each core
 * @param transport how the system is asked about sockets
 * @param tls absent for plain text
 */
public record ListenConfig(
    String host,
    int grpcPort,
    int restPort,
    Optional<String> unixSocket,
    int eventLoops,
    TransportKind transport,
    Optional<TlsConfig> tls,
    ConnectionsConfig connections) {
  /** Ports 8500 and 8501 of this machine only. */
  public static final ListenConfig DEFAULT = onThisMachine(8500, 8501);

  public ListenConfig {
    checkPort("grpc_port", grpcPort);
    checkPort("rest_port", restPort);
    if (eventLoops < 0) {
      throw new ConfigException("event_loops: " + eventLoops + " (expected: >= 0)");
    }
  }

  /** These ports of this machine only, with everything else as by default. */
  public static ListenConfig onThisMachine(int grpcPort, int restPort) {
    return new ListenConfig(
        "127.0.0.1",
        grpcPort,
        restPort,
        Optional.empty(),
        0,
        TransportKind.AUTO,
        Optional.empty(),
        ConnectionsConfig.DEFAULT);
  }

  private static void checkPort(String name, int port) {
    if (port < 0 || port > 65_535) {
      throw new ConfigException(name + ": " + port + " (expected: 0 to 65535)");
    }
  }
}
