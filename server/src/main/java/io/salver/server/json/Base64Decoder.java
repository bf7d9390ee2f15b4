package io.salver.server.json;

import java.util.Arrays;

/**
 * Decodes the standard base64 alphabet; white space is skipped, padding may be left out. Not
 * thread-safe.
 */
final class Base64Decoder {
  private static final byte SPACE = -2;
  private static final byte[] VALUES = values();

  private byte[] bytes = new byte[256];
  private int size;

  private static byte[] values() {
    byte[] values = new byte[256];
    Arrays.fill(values, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < alphabet.length(); i++) {
      values[alphabet.charAt(i)] = (byte) i;
    }
    for (char space : new char[] {' ', '\t', '\n', '\r', '\f', '\u000B'}) {
      values[space] = SPACE;
    }
    return values;
  }

  /** The decoded bytes, up to {@link #size()}. */
  byte[] bytes() {
    return bytes;
  }

  int size() {
    return size;
  }

  /** Decodes; false if it is not base64. */
  boolean decode(byte[] source, int offset, int length) {
    size = 0;
    if (bytes.length < length) {
      bytes = new byte[length];
    }
    int p = decodeQuads(source, offset, offset + length);
    return decodeRest(source, p, offset + length);
  }

  /** Decodes four characters at a time, as long as all four are of the alphabet. */
  private int decodeQuads(byte[] source, int from, int to) {
    int p = from;
    int out = 0;
    for (; p + 4 <= to; p += 4) {
      int bits =
          VALUES[source[p] & 0xFF] << 18
              | VALUES[source[p + 1] & 0xFF] << 12
              | VALUES[source[p + 2] & 0xFF] << 6
              | VALUES[source[p + 3] & 0xFF];
      if (bits < 0) {
        break;
      }
      bytes[out] = (byte) (bits >> 16);
      bytes[out + 1] = (byte) (bits >> 8);
      bytes[out + 2] = (byte) bits;
      out += 3;
    }
    size = out;
    return p;
  }

  private boolean decodeRest(byte[] source, int from, int to) {
    int bits = 0;
    int characters = 0;
    int p = from;
    for (; p < to && source[p] != '='; p++) {
      int value = VALUES[source[p] & 0xFF];
      if (value >= 0) {
        bits = bits << 6 | value;
        if (++characters % 4 == 0) {
          append(bits, 3);
        }
      } else if (value != SPACE) {
        return false;
      }
    }
    int left = characters % 4;
    if (left > 1) {
      append(bits << (6 * (4 - left)), left - 1);
    }
    return left != 1 && isPadding(source, p, to, left);
  }

  private void append(int bits, int count) {
    for (int i = 0; i < count; i++) {
      bytes[size++] = (byte) (bits >> (16 - 8 * i));
    }
  }

  /** Whether the rest is white space and either no padding or as much as belongs there. */
  private static boolean isPadding(byte[] source, int from, int to, int left) {
    int padding = 0;
    for (int p = from; p < to; p++) {
      if (source[p] == '=') {
        padding++;
      } else if (VALUES[source[p] & 0xFF] != SPACE) {
        return false;
      }
    }
    return padding == 0 || padding == (4 - left) % 4;
  }
}
