package io.salver.server.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Resolves the escapes of a JSON string into bytes: UTF-8 for what is escaped, everything else as
 * it is. Not thread-safe.
 */
final class StringUnescaper {
  private byte[] bytes = new byte[256];
  private int size;
  private int position;

  /** What is wrong, null if nothing is. */
  private @Nullable String error;

  /** The string's bytes, up to {@link #size()}. */
  byte[] bytes() {
    return bytes;
  }

  int size() {
    return size;
  }

  /** Behind the closing quotation mark, or where it went wrong. */
  int position() {
    return position;
  }

  @Nullable String error() {
    return error;
  }

  /**
   * Resolves a string.
   *
   * @param from the first byte behind the opening quotation mark
   * @param firstEscape the first backslash
   * @return whether it is a string
   */
  boolean unescape(byte[] source, int from, int firstEscape, int limit) {
    size = 0;
    append(source, from, firstEscape);
    position = firstEscape;
    while (source[position] != '"') {
      if (!escape(source, limit)) {
        return false;
      }
      int plain = position;
      position = StringToken.plainEnd(source, position, limit);
      append(source, plain, position);
      if (position == limit || (source[position] & 0xFF) < ' ') {
        return fail(StringToken.badByte(source, position, limit), position);
      }
    }
    position++;
    return true;
  }

  private void append(byte[] source, int from, int to) {
    ensure(to - from);
    System.arraycopy(source, from, bytes, size, to - from);
    size += to - from;
  }

  private void ensure(int count) {
    if (count > bytes.length - size) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + count));
    }
  }

  private boolean fail(String what, int where) {
    error = what;
    position = where;
    return false;
  }

  private boolean escape(byte[] source, int limit) {
    int start = position;
    if (start + 1 >= limit) {
      return fail("Invalid escape character in string.", start);
    }
    int plain =
        switch (source[start + 1]) {
          case '"' -> '"';
          case '\\' -> '\\';
          case '/' -> '/';
          case 'b' -> '\b';
          case 'f' -> '\f';
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          case 'u' -> -1;
          default -> -2;
        };
    if (plain == -2) {
      return fail("Invalid escape character in string.", start);
    }
    position = start + 2;
    if (plain == -1) {
      return unicodeEscape(source, start, limit);
    }
    ensure(1);
    bytes[size++] = (byte) plain;
    return true;
  }

  private boolean unicodeEscape(byte[] source, int start, int limit) {
    int unit = hex(source, limit);
    if (unit < 0) {
      return fail("Incorrect hex digit after \\u escape in string.", start);
    }
    if (!Character.isSurrogate((char) unit)) {
      appendUtf8(unit);
      return true;
    }
    if (Character.isLowSurrogate((char) unit) || !isUnicodeEscape(source, limit)) {
      return fail("The surrogate pair in string is invalid.", start);
    }
    position += 2;
    int low = hex(source, limit);
    if (low < 0) {
      return fail("Incorrect hex digit after \\u escape in string.", start);
    }
    if (!Character.isLowSurrogate((char) low)) {
      return fail("The surrogate pair in string is invalid.", start);
    }
    appendUtf8(Character.toCodePoint((char) unit, (char) low));
    return true;
  }

  private boolean isUnicodeEscape(byte[] source, int limit) {
    return position + 1 < limit && source[position] == '\\' && source[position + 1] == 'u';
  }

  /** The four hexadecimal digits at the position, which moves behind them; -1 if there are none. */
  private int hex(byte[] source, int limit) {
    if (limit - position < 4) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = source[position + i] < 0 ? -1 : Character.digit(source[position + i], 16);
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    position += 4;
    return value;
  }

  private void appendUtf8(int codePoint) {
    ensure(4);
    if (codePoint < 0x80) {
      bytes[size++] = (byte) codePoint;
      return;
    }
    int continuations = codePoint < 0x800 ? 1 : codePoint < 0x10000 ? 2 : 3;
    // The first of n bytes begins with n ones and a zero.
    bytes[size++] = (byte) ((0xF00 >> (continuations + 1)) | (codePoint >> (6 * continuations)));
    for (int i = continuations - 1; i >= 0; i--) {
      bytes[size++] = (byte) (0x80 | ((codePoint >> (6 * i)) & 0x3F));
    }
  }
}
