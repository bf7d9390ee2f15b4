package io.salver.server.tls;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Makes contexts of TLS 1.2 and 1.3, with the ciphers that HTTP/2 allows. */
final class TlsContexts {
  private static final ApplicationProtocolConfig ALPN =
      new ApplicationProtocolConfig(
          Protocol.ALPN,
          SelectorFailureBehavior.NO_ADVERTISE,
          SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2,
          ApplicationProtocolNames.HTTP_1_1);
  private static final String NO_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";

  /**
   * A context, and the certificate that it shows.
   *
   * @param leaf the server's own certificate
   */
  record Ready(SslContext context, X509Certificate leaf) {}

  private TlsContexts() {}

  /** BoringSSL where its library loads, the JDK elsewhere. */
  static SslProvider best() {
    return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
  }

  static Ready of(TlsMaterial material, SslProvider provider) throws TlsException {
    if (provider == SslProvider.JDK && System.getProperty(NO_RENEGOTIATION) == null) {
      System.setProperty(NO_RENEGOTIATION, "true");
    }
    X509Certificate[] chain = certificates("certificate", material.certificateChain());
    PrivateKey key = PrivateKeyPem.parse(material.privateKey());
    requirePair(key, chain[0]);
    SslContextBuilder builder =
        SslContextBuilder.forServer(key, chain)
            .sslProvider(provider)
            .protocols("TLSv1.3", "TLSv1.2")
            .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
            .applicationProtocolConfig(ALPN)
            .clientAuth(material.clientCertificates().mode());
    if (material.clientCertificates() != ClientCertificates.NONE) {
      builder.trustManager(certificates("client_ca", material.clientCa()));
    }
    try {
      return new Ready(builder.build(), chain[0]);
    } catch (SSLException e) {
      throw new TlsException("certificate: cannot be used: " + e.getMessage(), e);
    }
  }

  private static X509Certificate[] certificates(String what, byte[] pem) throws TlsException {
    Exception cause;
    try {
      Collection<?> parsed =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem));
      if (!parsed.isEmpty()) {
        return parsed.toArray(X509Certificate[]::new);
      }
      cause = new CertificateException("none in it");
    } catch (CertificateException e) {
      cause = e;
    }
    throw new TlsException(
        what + ": " + cause.getMessage() + " (expected: PEM of at least one certificate)", cause);
  }

  /** A key and a certificate that do not belong together would fail in each handshake. */
  private static void requirePair(PrivateKey key, X509Certificate certificate) throws TlsException {
    byte[] sample = {1, 2, 3};
    try {
      String algorithm =
          switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
          };
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(sample);
      if (signature.verify(signed)) {
        return;
      }
    } catch (GeneralSecurityException e) {
      throw otherKey(e);
    }
    throw otherKey(null);
  }

  private static TlsException otherKey(@Nullable GeneralSecurityException cause) {
    String message = "private_key: not that of the first certificate (expected: its own)";
    return cause == null ? new TlsException(message) : new TlsException(message, cause);
  }
}
