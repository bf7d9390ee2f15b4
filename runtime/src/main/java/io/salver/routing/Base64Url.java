package io.salver.routing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes base64 of the kind that fits into URLs, without padding (RFC 4648, section 5). For a few
 * dozen bytes a request: the JDK's encoder is made for long texts, and takes three times as long
 * for an id in a server under load. Stateless.
 */
final class Base64Url {
  private static final byte[] ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
          .getBytes(StandardCharsets.ISO_8859_1);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int SIXTH = 0x3f;

  private Base64Url() {}

  /** All of {@code bytes} as text. */
  static String encode(byte[] bytes) {
    byte[] text = new byte[(4 * bytes.length + 2) / 3];
    int from = 0;
    int to = 0;
    // Six bytes, eight characters; two bytes more are read and not used.
    for (; from + Long.BYTES <= bytes.length; from += 6, to += 8) {
      long word = (long) LONG.get(bytes, from);
      text[to] = ALPHABET[(int) (word >>> 58)];
      text[to + 1] = ALPHABET[(int) (word >>> 52) & SIXTH];
      text[to + 2] = ALPHABET[(int) (word >>> 46) & SIXTH];
      text[to + 3] = ALPHABET[(int) (word >>> 40) & SIXTH];
      text[to + 4] = ALPHABET[(int) (word >>> 34) & SIXTH];
      text[to + 5] = ALPHABET[(int) (word >>> 28) & SIXTH];
      text[to + 6] = ALPHABET[(int) (word >>> 22) & SIXTH];
      text[to + 7] = ALPHABET[(int) (word >>> 16) & SIXTH];
    }
    int bits = 0;
    int count = 0;
    for (; from < bytes.length; from++) {
      bits = bits << 8 | bytes[from] & 0xff;
      for (count += 8; count >= 6; count -= 6) {
        text[to++] = ALPHABET[bits >>> count - 6 & SIXTH];
      }
    }
    if (count > 0) {
      text[to] = ALPHABET[bits << 6 - count & SIXTH];
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }
}
