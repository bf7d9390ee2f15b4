package io.salver.cli;

import io.salver.cli.config.ConnectionsConfig;
import io.salver.cli.config.LimitsConfig;
import io.salver.cli.config.ListenConfig;
import io.salver.cli.config.TlsConfig;
import io.salver.server.http.HttpLimits;
import io.salver.server.net.ListenerConfig;
import io.salver.server.net.SocketOptions;
import io.salver.server.tfserving.SslConfigFile;
import io.salver.server.tls.TlsCredentials;
import io.salver.server.tls.TlsException;
import io.salver.server.tls.TlsFiles;
import io.salver.server.tls.TlsOptions;
import io.salver.server.tls.TlsSource;
import io.salver.tensor.MemoryBudget;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the configuration says of addresses, as the listener takes it. */
final class Addresses {
  private static final Duration LONGEST_USER_TIMEOUT = Duration.ofDays(1);

  private Addresses() {}

  /**
   * Where to listen, with the certificates read.
   *
   * @throws TlsException if they cannot be used
   */
  static ListenerConfig listener(ListenConfig config, LimitsConfig limits) throws TlsException {
    List<InetSocketAddress> plain = new ArrayList<>();
    List<InetSocketAddress> encrypted = new ArrayList<>();
    add(config, TlsConfig.Ports.GRPC, config.grpcPort(), plain, encrypted);
    add(config, TlsConfig.Ports.REST, config.restPort(), plain, encrypted);
    Optional<ListenerConfig.Tls> tls =
        encrypted.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new ListenerConfig.Tls(encrypted, credentials(config.tls().orElseThrow())));
    int loops =
        config.eventLoops() == 0 ? Runtime.getRuntime().availableProcessors() : config.eventLoops();
    return new ListenerConfig(
        plain,
        tls,
        config.unixSocket().map(Path::of).stream().toList(),
        loops,
        limits.maxRequestTensorBytes(),
        new MemoryBudget(limits.maxInFlightBytes()),
        new SocketOptions(
            config.transport(),
            config.connections().max(),
            SocketOptions.DEFAULT.backlog(),
            config.connections().readTimeout().compareTo(LONGEST_USER_TIMEOUT) < 0
                ? config.connections().readTimeout()
                : LONGEST_USER_TIMEOUT));
  }

  /** What a client may ask of a connection. */
  static HttpLimits limits(ConnectionsConfig config) {
    HttpLimits d = HttpLimits.DEFAULT;
    return new HttpLimits(
        d.maxRequestLineBytes(),
        d.maxHeadBytes(),
        config.readTimeout(),
        config.idleTimeout(),
        config.maxStreams(),
        config.streamWindowBytes(),
        config.connectionWindowBytes(),
        config.maxUntakenBytes(),
        config.maxAge());
  }

  private static void add(
      ListenConfig config,
      TlsConfig.Ports kind,
      int port,
      List<InetSocketAddress> plain,
      List<InetSocketAddress> encrypted) {
    if (port != 0) {
      boolean isTls = config.tls().map(TlsConfig::ports).filter(p -> covers(p, kind)).isPresent();
      (isTls ? encrypted : plain).add(new InetSocketAddress(config.host(), port));
    }
  }

  private static boolean covers(TlsConfig.Ports ports, TlsConfig.Ports kind) {
    return ports == TlsConfig.Ports.ALL || ports == kind;
  }

  private static TlsCredentials credentials(TlsConfig config) throws TlsException {
    TlsSource source =
        switch (config.identity()) {
          case TlsConfig.Identity.Files(
                  Path certificate,
                  Path privateKey,
                  Optional<Path> clientCa,
                  var clientAuth) -> {
            TlsFiles.warnIfLoose(privateKey);
            yield new TlsFiles(certificate, privateKey, clientCa, clientAuth);
          }
          case TlsConfig.Identity.SslConfig(Path file) -> {
            TlsFiles.warnIfLoose(file);
            yield new SslConfigFile(file);
          }
        };
    return TlsCredentials.start(source, new TlsOptions(config.handshakeTimeout(), config.reload()));
  }
}
