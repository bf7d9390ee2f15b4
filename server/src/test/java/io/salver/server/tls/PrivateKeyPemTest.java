package io.salver.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PrivateKeyPemTest {
  private static byte[] pem(String kind, byte[] der) {
    String body = Base64.getMimeEncoder().encodeToString(der);
    return ("-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static PrivateKey generate(String algorithm, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (bits > 0) {
      generator.initialize(bits);
    }
    return generator.generateKeyPair().getPrivate();
  }

  /** The key itself, without the envelope that names its algorithm. */
  private static byte[] bare(PrivateKey key) throws Exception {
    return PrivateKeyInfo.getInstance(key.getEncoded())
        .parsePrivateKey()
        .toASN1Primitive()
        .getEncoded();
  }

  @ParameterizedTest
  @CsvSource({"RSA,2048", "RSA,4096", "EC,256", "EC,384", "Ed25519,0"})
  void readsPkcs8(String algorithm, int bits) throws Exception {
    PrivateKey key = generate(algorithm, bits);
    assertThat(PrivateKeyPem.parse(pem("PRIVATE KEY", key.getEncoded()))).isEqualTo(key);
  }

  @Test
  void readsPkcs1() throws Exception {
    PrivateKey key = generate("RSA", 2048);
    assertThat(PrivateKeyPem.parse(pem("RSA PRIVATE KEY", bare(key)))).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
  void readsSec1(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    var key = (java.security.interfaces.ECPrivateKey) generator.generateKeyPair().getPrivate();
    PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
    byte[] sec1 =
        new ECPrivateKey(bits(curve), key.getS(), info.getPrivateKeyAlgorithm().getParameters())
            .getEncoded();
    PrivateKey parsed = PrivateKeyPem.parse(pem("EC PRIVATE KEY", sec1));
    assertThat(parsed)
        .isInstanceOfSatisfying(
            java.security.interfaces.ECPrivateKey.class,
            read -> {
              assertThat(read.getS()).isEqualTo(key.getS());
              assertThat(read.getParams()).isEqualTo(key.getParams());
            });
  }

  private static int bits(String curve) {
    return Integer.parseInt(curve.replaceAll("\\D+(\\d+)r1", "$1"));
  }

  @Test
  void refusesWhatIsNoKeyAndNeverFailsInAnotherWay() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    byte[] good = bare(generate("EC", 256));
    for (String kind : new String[] {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"}) {
      for (int i = 0; i < 200; i++) {
        byte[] der = Arrays.copyOf(good, random.nextInt(good.length + 1));
        for (int n = random.nextInt(4); n >= 0 && der.length > 0; n--) {
          der[random.nextInt(der.length)] = (byte) random.nextInt();
        }
        try {
          PrivateKeyPem.parse(pem(kind, der));
        } catch (TlsException e) {
          assertThat(e).as("seed %d", seed).hasMessageStartingWith("private_key: ");
        }
      }
    }
  }

  @Test
  void saysThatAnEncryptedKeyIsNotTaken() {
    assertThatExceptionOfType(TlsException.class)
        .isThrownBy(() -> PrivateKeyPem.parse(pem("ENCRYPTED PRIVATE KEY", new byte[100])))
        .withMessageContaining("not encrypted");
  }
}
