package io.salver.server.tls;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads private keys. The JDK reads PKCS#8 (RFC 5208) only; PKCS#1 (RFC 8017) and SEC1 (RFC 5915),
 * which many tools still write, become PKCS#8 by putting them into an envelope that names the
 * algorithm.
 */
final class PrivateKeyPem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ((?:\\w+ )?)PRIVATE KEY-----([^-]*)-----END ");
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");
  private static final byte[] VERSION_0 = {2, 1, 0};
  private static final byte[] RSA_NULL = {6, 9, 42, -122, 72, -122, -9, 13, 1, 1, 1, 5, 0};
  private static final byte[] EC = {6, 7, 42, -122, 72, -50, 61, 2, 1};
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 4;
  private static final int PARAMETERS = 0xa0;

  private PrivateKeyPem() {}

  /** The first key in {@code pem}. */
  static PrivateKey parse(byte[] pem) throws TlsException {
    Matcher block = BLOCK.matcher(new String(pem, StandardCharsets.ISO_8859_1));
    if (!block.find()) {
      throw unusable("no key in it", null);
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(block.group(2));
      return key(
          switch (block.group(1)) {
            case "" -> der;
            case "RSA " -> tagged(SEQUENCE, VERSION_0, tagged(SEQUENCE, RSA_NULL), octets(der));
            case "EC " ->
                tagged(SEQUENCE, VERSION_0, tagged(SEQUENCE, EC, curve(der)), octets(der));
            default -> throw unusable("is a key of the kind " + block.group(1).strip(), null);
          });
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      throw unusable("is not the encoding of a key", e);
    }
  }

  private static PrivateKey key(byte[] pkcs8) throws TlsException {
    GeneralSecurityException last = null;
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw unusable("is not the encoding of a key", last);
  }

  private static TlsException unusable(String why, @Nullable Throwable cause) {
    String message =
        "private_key: "
            + why
            + " (expected: PEM of an RSA, EC or Ed25519 key in PKCS#8, PKCS#1 or SEC1,"
            + " not encrypted)";
    return cause == null ? new TlsException(message) : new TlsException(message, cause);
  }

  private static byte[] octets(byte[] der) {
    return tagged(OCTET_STRING, der);
  }

  private static byte[] tagged(int tag, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    writeLength(out, length);
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** As few bytes as it takes. */
  private static void writeLength(ByteArrayOutputStream out, int length) {
    if (length < 0x80) {
      out.write(length);
      return;
    }
    int count = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
    out.write(0x80 | count);
    for (int i = count - 1; i >= 0; i--) {
      out.write(length >> 8 * i);
    }
  }

  /** The identifier of the curve, as a SEC1 key holds it. */
  private static byte[] curve(byte[] sec1) throws TlsException {
    ByteBuffer in = ByteBuffer.wrap(sec1);
    in.get();
    length(in);
    while (in.hasRemaining()) {
      int tag = in.get() & 0xff;
      byte[] content = new byte[length(in)];
      in.get(content);
      if (tag == PARAMETERS) {
        return content;
      }
    }
    throw unusable("does not name its curve", null);
  }

  private static int length(ByteBuffer in) {
    int first = in.get() & 0xff;
    int length = first < 0x80 ? first : 0;
    for (int i = first < 0x80 ? 0 : first & 0x7f; i > 0; i--) {
      length = length << 8 | in.get() & 0xff;
    }
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("length: " + length + " (expected: what is there)");
    }
    return length;
  }
}
