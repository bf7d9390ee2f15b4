package io.salver.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;

/** Signs tokens, as an identity provider does. */
final class Issuer {
  private static final int ED25519_HEADER_BYTES = 12;

  private final RSAKey rsa;
  private final ECKey ec;
  private final KeyPair ed;
  private final OctetKeyPair edPublic;

  Issuer(String suffix) {
    try {
      rsa = new RSAKeyGenerator(2048).keyID("rsa" + suffix).generate();
      ec = new ECKeyGenerator(Curve.P_256).keyID("ec" + suffix).generate();
      ed = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      byte[] encoded = ed.getPublic().getEncoded();
      byte[] x = Arrays.copyOfRange(encoded, ED25519_HEADER_BYTES, encoded.length);
      edPublic =
          new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x)).keyID("ed" + suffix).build();
    } catch (JOSEException | GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  RSAKey rsa() {
    return rsa;
  }

  ECKey ec() {
    return ec;
  }

  OctetKeyPair edPublic() {
    return edPublic;
  }

  /** What it publishes. */
  String publicKeys() {
    return publicKeys(rsa, ec, edPublic);
  }

  static String publicKeys(JWK... keys) {
    return new JWKSet(Arrays.asList(keys)).toString(true);
  }

  String sign(JWSAlgorithm algorithm, JWTClaimsSet claims) {
    try {
      if (algorithm.equals(JWSAlgorithm.EdDSA)) {
        return signEd(claims);
      }
      boolean elliptic = algorithm.equals(JWSAlgorithm.ES256);
      JWSHeader header =
          new JWSHeader.Builder(algorithm).keyID(elliptic ? ec.getKeyID() : rsa.getKeyID()).build();
      return sign(header, claims);
    } catch (JOSEException | GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  String sign(JWSHeader header, JWTClaimsSet claims) throws JOSEException {
    SignedJWT token = new SignedJWT(header, claims);
    if (JWSAlgorithm.Family.EC.contains(header.getAlgorithm())) {
      token.sign(new ECDSASigner(ec));
    } else if (JWSAlgorithm.Family.HMAC_SHA.contains(header.getAlgorithm())) {
      token.sign(new MACSigner(rsa.toRSAPublicKey().getEncoded()));
    } else {
      token.sign(new RSASSASigner(rsa));
    }
    return token.serialize();
  }

  private String signEd(JWTClaimsSet claims) throws GeneralSecurityException {
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.EdDSA).keyID(edPublic.getKeyID()).build();
    String input = header.toBase64URL() + "." + claims.toPayload().toBase64URL();
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(ed.getPrivate());
    signature.update(input.getBytes(StandardCharsets.US_ASCII));
    return input + "." + Base64URL.encode(signature.sign());
  }
}
