package io.salver.server.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Certificates of a made-up authority. */
final class Certificates {
  private final X509Bundle ca;

  Certificates() throws Exception {
    ca =
        new CertificateBuilder()
            .subject("CN=authority")
            .setIsCertificateAuthority(true)
            .ecp256()
            .buildSelfSigned();
  }

  X509Bundle ca() {
    return ca;
  }

  /** One for this machine, valid from an hour ago for a day. */
  X509Bundle issue(String name) throws Exception {
    return issue(name, Instant.now().plus(Duration.ofDays(1)));
  }

  X509Bundle issue(String name, Instant end) throws Exception {
    return new CertificateBuilder()
        .subject("CN=" + name)
        .addSanDnsName("localhost")
        .addSanIpAddress("127.0.0.1")
        .notBefore(Instant.now().minus(Duration.ofDays(2)))
        .notAfter(end)
        .ecp256()
        .buildIssuedBy(ca);
  }

  /** What a client needs that trusts this authority, and shows {@code own} if asked. */
  SSLContext client(@Nullable X509Bundle own) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    KeyManager[] keys = own == null ? null : own.toKeyManagerFactory().getKeyManagers();
    context.init(keys, ca.toTrustManagerFactory().getTrustManagers(), null);
    return context;
  }

  static TlsMaterial material(X509Bundle server) {
    return new TlsMaterial(
        bytes(server.getCertificatePathPEM()),
        bytes(server.getPrivateKeyPEM()),
        new byte[0],
        ClientCertificates.NONE);
  }

  TlsMaterial material(X509Bundle server, ClientCertificates clients) {
    return new TlsMaterial(
        bytes(server.getCertificatePathPEM()),
        bytes(server.getPrivateKeyPEM()),
        bytes(ca.getCertificatePEM()),
        clients);
  }

  /** Writes them where {@link TlsFiles} finds them. */
  static TlsFiles write(Path directory, X509Bundle server) throws IOException {
    TlsFiles files =
        new TlsFiles(
            directory.resolve("cert.pem"),
            directory.resolve("key.pem"),
            Optional.empty(),
            ClientCertificates.NONE);
    Files.writeString(files.certificate(), server.getCertificatePathPEM());
    Files.writeString(files.privateKey(), server.getPrivateKeyPEM());
    return files;
  }

  private static byte[] bytes(String pem) {
    return pem.getBytes(StandardCharsets.US_ASCII);
  }
}
