package io.salver.server.tls;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a server shows and trusts, as PEM. Not a record: the key must not be printed.
 *
 * <p>Immutable as long as nobody writes into the arrays.
 */
public final class TlsMaterial {
  private final byte[] certificateChain;
  private final byte[] privateKey;
  private final byte[] clientCa;
  private final ClientCertificates clientCertificates;

  /**
   * All of it.
   *
   * @param certificateChain the server's certificate, then those that lead to a root
   * @param privateKey the key of the first of them, not encrypted
   * @param clientCa whose certificates clients may show; empty if they are not asked
   */
  public TlsMaterial(
      byte[] certificateChain,
      byte[] privateKey,
      byte[] clientCa,
      ClientCertificates clientCertificates) {
    this.certificateChain = certificateChain;
    this.privateKey = privateKey;
    this.clientCa = clientCa;
    this.clientCertificates = clientCertificates;
  }

  byte[] certificateChain() {
    return certificateChain;
  }

  byte[] privateKey() {
    return privateKey;
  }

  byte[] clientCa() {
    return clientCa;
  }

  ClientCertificates clientCertificates() {
    return clientCertificates;
  }

  /** Equal for equal material, and tells nothing of it. */
  String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : new byte[][] {certificateChain, privateKey, clientCa}) {
        digest.update((part.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(part);
      }
      digest.update((byte) clientCertificates.ordinal());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
