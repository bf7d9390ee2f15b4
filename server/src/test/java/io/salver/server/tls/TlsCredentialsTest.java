package io.salver.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.pkitesting.X509Bundle;
import io.salver.server.http.HttpProtocols;
import io.salver.server.net.Listener;
import io.salver.server.net.ListenerConfig;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TlsCredentialsTest {
  private static final TlsOptions NO_RELOAD = new TlsOptions(Duration.ofSeconds(10), Duration.ZERO);

  @TempDir Path directory;
  private Certificates certificates;

  @BeforeEach
  void makeAuthority() throws Exception {
    certificates = new Certificates();
  }

  private String shownBy(Listener listener) throws Exception {
    try (SSLSocket socket =
        (SSLSocket)
            certificates
                .client(null)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), listener.port())) {
      socket.startHandshake();
      X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return leaf.getSubjectX500Principal().getName();
    }
  }

  @Test
  void showsANewCertificateFromThenOnAndKeepsTheOldForABadOne() throws Exception {
    TlsFiles files = Certificates.write(directory, certificates.issue("one"));
    try (TlsCredentials credentials = TlsCredentials.start(files, NO_RELOAD);
        Listener listener =
            Listener.start(
                ListenerConfig.onLoopback(0).withEventLoops(1).withTls(credentials),
                HttpProtocols.plain(_ -> {}))) {
      assertThat(shownBy(listener)).isEqualTo("CN=one");
      X509Bundle two = certificates.issue("two");
      Files.writeString(files.certificate(), two.getCertificatePathPEM());
      credentials.reload();
      assertThat(shownBy(listener)).as("certificate without its key").isEqualTo("CN=one");
      Files.writeString(files.privateKey(), two.getPrivateKeyPEM());
      credentials.reload();
      assertThat(shownBy(listener)).isEqualTo("CN=two");
      Files.writeString(files.certificate(), "half a cert");
      credentials.reload();
      assertThat(shownBy(listener)).as("no certificate").isEqualTo("CN=two");
      Files.delete(files.certificate());
      credentials.reload();
      assertThat(shownBy(listener)).as("no file").isEqualTo("CN=two");
      Certificates.write(directory, certificates.issue("three"));
      credentials.reload();
      assertThat(shownBy(listener)).isEqualTo("CN=three");
    }
  }

  private static void assertRefused(TlsSource source, String... messages) {
    assertThatExceptionOfType(TlsException.class)
        .isThrownBy(() -> TlsCredentials.start(source, NO_RELOAD).close())
        .satisfies(e -> assertThat(e.getMessage()).contains(messages));
  }

  @Test
  void doesNotStartWithWhatCannotBeUsedAndTellsNoSecret() throws Exception {
    X509Bundle one = certificates.issue("one");
    TlsFiles files = Certificates.write(directory, one);
    Files.writeString(files.privateKey(), certificates.issue("two").getPrivateKeyPEM());
    assertRefused(files, "private_key: not that of the first certificate");
    Files.writeString(files.privateKey(), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END ");
    assertRefused(files, "private_key: is not the encoding of a key (expected: PEM");
    assertThatExceptionOfType(TlsException.class)
        .isThrownBy(() -> TlsCredentials.start(files, NO_RELOAD).close())
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("c2VjcmV0", "secret"));
    Files.writeString(files.privateKey(), one.getCertificatePEM());
    assertRefused(files, "private_key: no key in it");
    Files.writeString(files.privateKey(), "x".repeat(2 << 20));
    assertRefused(files, "private_key: " + files.privateKey() + " is too long");
    Files.delete(files.certificate());
    assertRefused(files, "certificate: " + files.certificate() + " cannot be read");
  }

  @Test
  void wantsAnAuthorityWhereClientsAreAsked() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new TlsFiles(directory, directory, Optional.empty(), ClientCertificates.REQUIRE))
        .withMessageContaining("client_ca: none (expected: the certificates");
  }

  @Test
  void printsNoKey() throws Exception {
    X509Bundle one = certificates.issue("one");
    TlsMaterial material = Certificates.material(one);
    assertThat(material.toString()).doesNotContain("KEY", "MII");
    assertThat(material.fingerprint())
        .isEqualTo(Certificates.material(one).fingerprint())
        .isNotEqualTo(Certificates.material(certificates.issue("one")).fingerprint());
  }
}
