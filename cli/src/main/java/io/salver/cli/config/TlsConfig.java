package io.salver.cli.config;

import io.salver.server.tls.ClientCertificates;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How TLS is spoken, and where.
 *
 * @param identity what the server shows
 * @param ports where TLS is spoken; the others, and a Unix socket, speak plain text
 * @param handshakeTimeout for a client to finish its handshake
 * @param reload how often certificates and key are read again; zero for never
 */
public record TlsConfig(
    Identity identity, Ports ports, Duration handshakeTimeout, Duration reload) {
  static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
  static final Duration RELOAD = Duration.ofSeconds(10);

  public TlsConfig {
    if (!handshakeTimeout.isPositive()) {
      throw new ConfigException(
          "handshake_timeout: " + handshakeTimeout + " (expected: more than 0)");
    }
    if (reload.isNegative()) {
      throw new ConfigException("reload: " + reload + " (expected: 0 or more)");
    }
  }

  /** Which ports speak TLS. */
  public enum Ports {
    ALL,
    GRPC,
    REST
  }

  /** Where certificates and key come from. */
  public sealed interface Identity {
    /**
     * PEM files.
     *
     * @param clientCa whose certificates clients may show
     */
    record Files(
        Path certificate, Path privateKey, Optional<Path> clientCa, ClientCertificates clientAuth)
        implements Identity {
      public Files {
        if (clientCa.isPresent() != (clientAuth != ClientCertificates.NONE)) {
          throw new ConfigException(
              "client_ca: "
                  + clientCa.map(Path::toString).orElse("none")
                  + " beside client_auth: "
                  + clientAuth
                  + " (expected: a file beside optional or require, none beside none)");
        }
      }
    }

    /** TensorFlow Serving's {@code SSLConfig} in text form. */
    record SslConfig(Path file) implements Identity {}
  }

  /** What TensorFlow Serving does with its {@code --ssl_config_file}: gRPC clients only. */
  public static TlsConfig ofSslConfig(Path file) {
    return new TlsConfig(new Identity.SslConfig(file), Ports.GRPC, HANDSHAKE_TIMEOUT, RELOAD);
  }
}
