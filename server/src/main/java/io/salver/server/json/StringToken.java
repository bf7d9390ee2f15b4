package io.salver.server.json;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the JSON string that was scanned last: a part of the text itself, or of a buffer
 * where it had escapes. Not thread-safe.
 */
final class StringToken {
  private static final byte[] NOTHING = {};

  private final StringUnescaper unescaper = new StringUnescaper();
  private final Base64Decoder base64 = new Base64Decoder();
  private byte[] array = NOTHING;
  private int offset;
  private int length;
  private int end;
  private @Nullable String error;

  /**
   * Scans a string.
   *
   * @param from the first byte behind the opening quotation mark
   * @return whether it is one; if not, {@link #error} says why and {@link #end} where
   */
  boolean scan(byte[] source, int from, int limit) {
    int to = plainEnd(source, from, limit);
    if (to < limit && source[to] == '"') {
      set(source, from, to - from);
      end = to + 1;
      return true;
    }
    if (to < limit && source[to] == '\\') {
      boolean read = unescaper.unescape(source, from, to, limit);
      set(unescaper.bytes(), 0, unescaper.size());
      error = unescaper.error();
      end = unescaper.position();
      return read;
    }
    error = badByte(source, to, limit);
    end = to;
    return false;
  }

  private void set(byte[] source, int from, int size) {
    array = source;
    offset = from;
    length = size;
  }

  /** The first byte from {@code from} that does not stand for itself in a string, or limit. */
  static int plainEnd(byte[] source, int from, int limit) {
    int p = from;
    while (p + Long.BYTES <= limit) {
      int plain = Swar.leadingPlain(Swar.load(source, p));
      p += plain;
      if (plain < Long.BYTES) {
        return p;
      }
    }
    while (p < limit && source[p] != '"' && source[p] != '\\' && (source[p] & 0xFF) >= ' ') {
      p++;
    }
    return p;
  }

  /** What is wrong with the byte at {@code at}, where a string has to go on. */
  static String badByte(byte[] source, int at, int limit) {
    return at == limit || source[at] == 0
        ? "Missing a closing quotation mark in string."
        : "Invalid encoding in string.";
  }

  /** Replaces the bytes by what they stand for in base64; false if they are not base64. */
  boolean decodeBase64() {
    if (!base64.decode(array, offset, length)) {
      return false;
    }
    set(base64.bytes(), 0, base64.size());
    return true;
  }

  /** Lets go of the text. */
  void clear() {
    set(NOTHING, 0, 0);
  }

  /** Behind the closing quotation mark. */
  int end() {
    return end;
  }

  @Nullable String error() {
    return error;
  }

  byte[] array() {
    return array;
  }

  int offset() {
    return offset;
  }

  int length() {
    return length;
  }

  MemorySegment segment() {
    return MemorySegment.ofArray(array);
  }

  boolean is(byte[] bytes) {
    return bytes.length == length
        && Arrays.equals(array, offset, offset + length, bytes, 0, length);
  }

  /** The bytes as UTF-8; those that are not become U+FFFD. */
  String text() {
    return new String(array, offset, length, StandardCharsets.UTF_8);
  }
}
