package io.salver.server.json;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Appends JSON to a byte array that grows and is used again. Commas, colons and brackets are the
 * caller's.
 *
 * <p>One for each event loop; not thread-safe.
 */
public final class JsonWriter {
  private static final int INITIAL_BYTES = 1 << 10;
  private static final int MAX_KEPT_BYTES = 1 << 20;
  private static final int MAX_LONG_DIGITS = 20;
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BASE64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
          .getBytes(StandardCharsets.US_ASCII);

  private byte[] array = new byte[INITIAL_BYTES];
  private int size;

  /** An empty writer. */
  public JsonWriter() {}

  /** The bytes written, from index 0 to {@link #size()}; valid until the next write. */
  public byte[] array() {
    return array;
  }

  /** How many bytes of {@link #array()} are written. */
  public int size() {
    return size;
  }

  /** Forgets what was written, and an array that had become larger than a megabyte. */
  public JsonWriter clear() {
    size = 0;
    if (array.length > MAX_KEPT_BYTES) {
      array = new byte[INITIAL_BYTES];
    }
    return this;
  }

  private void ensure(int count) {
    if (count > array.length - size) {
      grow(count);
    }
  }

  private void grow(int count) {
    long wanted = Math.max(2L * array.length, (long) size + count);
    if (size > Integer.MAX_VALUE - 8 - count) {
      throw new OutOfMemoryError("JSON answer: " + (long) (size + count) + " bytes");
    }
    array = Arrays.copyOf(array, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
  }

  /** Appends a byte as it is. */
  public JsonWriter raw(char ascii) {
    ensure(1);
    array[size++] = (byte) ascii;
    return this;
  }

  /** Appends ASCII text as it is. */
  public JsonWriter raw(String ascii) {
    int length = ascii.length();
    ensure(length);
    for (int i = 0; i < length; i++) {
      array[size + i] = (byte) ascii.charAt(i);
    }
    size += length;
    return this;
  }

  /** Appends {@code true} or {@code false}. */
  public JsonWriter value(boolean value) {
    return raw(value ? "true" : "false");
  }

  /** Appends a float as TensorFlow Serving does; NaN and infinity as bare words. */
  public JsonWriter value(float value) {
    ensure(DecimalWriter.MAX_BYTES);
    size = DecimalWriter.write(value, array, size);
    return this;
  }

  /** Appends a double as TensorFlow Serving does; NaN and infinity as bare words. */
  public JsonWriter value(double value) {
    ensure(DecimalWriter.MAX_BYTES);
    size = DecimalWriter.write(value, array, size);
    return this;
  }

  /** Appends a signed integer. */
  public JsonWriter value(long value) {
    if (value < 0) {
      raw('-');
    }
    return unsigned(value < 0 ? -value : value);
  }

  /** Appends an unsigned integer. */
  public JsonWriter unsigned(long value) {
    ensure(MAX_LONG_DIGITS);
    if (value < 0) {
      long tenth = Long.divideUnsigned(value, 10);
      return unsigned(tenth).raw((char) ('0' + (value - 10 * tenth)));
    }
    int digits = 1;
    while (digits < 19 && value >= DecimalScaling.powerOfTen(digits)) {
      digits++;
    }
    size = DecimalWriter.writePadded(value, digits, array, size);
    return this;
  }

  /** Appends a string. */
  public JsonWriter string(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return string(bytes, 0, bytes.length);
  }

  /** Appends a string of bytes, which are passed on as they are, UTF-8 or not. */
  public JsonWriter string(MemorySegment bytes) {
    raw('"');
    int length = Math.toIntExact(bytes.byteSize());
    ensure(length);
    int start = size;
    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, array, start, length);
    if (StringToken.plainEnd(array, start, start + length) == start + length) {
      size += length;
    } else {
      escape(Arrays.copyOfRange(array, start, start + length), 0, length);
    }
    return raw('"');
  }

  private JsonWriter string(byte[] source, int offset, int length) {
    raw('"');
    escape(source, offset, length);
    return raw('"');
  }

  private void escape(byte[] source, int offset, int length) {
    int end = offset + length;
    int p = offset;
    while (true) {
      int plain = StringToken.plainEnd(source, p, end);
      ensure(plain - p + 6);
      System.arraycopy(source, p, array, size, plain - p);
      size += plain - p;
      if (plain == end) {
        return;
      }
      escape(source[plain]);
      p = plain + 1;
    }
  }

  private void escape(byte b) {
    array[size++] = '\\';
    switch (b) {
      case '"', '\\' -> array[size++] = b;
      case '\b' -> array[size++] = 'b';
      case '\f' -> array[size++] = 'f';
      case '\n' -> array[size++] = 'n';
      case '\r' -> array[size++] = 'r';
      case '\t' -> array[size++] = 't';
      default -> {
        array[size] = 'u';
        array[size + 1] = '0';
        array[size + 2] = '0';
        array[size + 3] = HEX[b >> 4];
        array[size + 4] = HEX[b & 0xF];
        size += 5;
      }
    }
  }

  /** Appends {@code {"b64": "..."}} of these bytes. */
  public JsonWriter base64(MemorySegment bytes) {
    raw("{\"b64\": \"");
    long length = bytes.byteSize();
    ensure(Math.toIntExact((length + 2) / 3 * 4));
    long whole = length / 3 * 3;
    for (long i = 0; i < whole; i += 3) {
      quad(byteAt(bytes, i) << 16 | byteAt(bytes, i + 1) << 8 | byteAt(bytes, i + 2));
    }
    if (length - whole == 1) {
      quad(byteAt(bytes, whole) << 16);
      array[size - 2] = '=';
      array[size - 1] = '=';
    } else if (length - whole == 2) {
      quad(byteAt(bytes, whole) << 16 | byteAt(bytes, whole + 1) << 8);
      array[size - 1] = '=';
    }
    return raw("\"}");
  }

  private static int byteAt(MemorySegment bytes, long index) {
    return bytes.get(ValueLayout.JAVA_BYTE, index) & 0xFF;
  }

  private void quad(int bits) {
    array[size] = BASE64[bits >>> 18];
    array[size + 1] = BASE64[bits >>> 12 & 63];
    array[size + 2] = BASE64[bits >>> 6 & 63];
    array[size + 3] = BASE64[bits & 63];
    size += 4;
  }
}
