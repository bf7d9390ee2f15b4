package io.salver.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Set;

/**
 * Checks Ed25519 signatures (RFC 8032, RFC 8037) by the JDK: the library's own way needs another
 * library.
 */
final class Ed25519Verifier extends BaseJWSProvider implements JWSVerifier {
  private static final int KEY_BYTES = 32;

  private final PublicKey key;

  /**
   * Checks by this key.
   *
   * @throws JOSEException if it is not of this curve
   */
  Ed25519Verifier(OctetKeyPair key) throws JOSEException {
    super(Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519));
    byte[] x = key.getDecodedX();
    if (!key.getCurve().equals(Curve.Ed25519) || x.length != KEY_BYTES) {
      throw new JOSEException("curve: " + key.getCurve() + " (expected: Ed25519)");
    }
    try {
      this.key =
          KeyFactory.getInstance("Ed25519")
              .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point(x)));
    } catch (GeneralSecurityException e) {
      throw new JOSEException(e.getMessage(), e);
    }
  }

  /** A point's y, lowest byte first, and in the highest bit whether x is odd. */
  private static EdECPoint point(byte[] encoded) {
    byte[] y = new byte[KEY_BYTES];
    for (int i = 0; i < KEY_BYTES; i++) {
      y[i] = encoded[KEY_BYTES - 1 - i];
    }
    boolean odd = y[0] < 0;
    y[0] &= 0x7f;
    return new EdECPoint(odd, new BigInteger(1, y));
  }

  @Override
  public boolean verify(JWSHeader header, byte[] input, Base64URL signature) throws JOSEException {
    try {
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(key);
      verifier.update(input);
      return verifier.verify(signature.decode());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
