package io.salver.server.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight bytes of text at a time, as the little-endian {@code long} that they are in memory. */
final class Swar {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long QUOTES = ONES * '"';
  private static final long BACKSLASHES = ONES * '\\';
  private static final long SPACES = ONES * ' ';
  private static final long ZEROS = ONES * '0';

  private Swar() {}

  /** The eight bytes of {@code source} from {@code index}, the first in the lowest byte. */
  static long load(byte[] source, int index) {
    return (long) LONG.get(source, index);
  }

  /** How many of the first bytes of {@code chunk} are decimal digits: 0 to 8. */
  static int leadingDigits(long chunk) {
    return Long.numberOfTrailingZeros(notDigits(chunk)) >>> 3;
  }

  /**
   * The highest bit of each byte of {@code chunk} that is no decimal digit. True up to the first
   * byte that is not ASCII, that one included.
   */
  static long notDigits(long chunk) {
    long values = chunk ^ ZEROS;
    // A digit's value plus 0x76 stays below 0x80. A carry can only come out of a byte that is not
    // ASCII, and only change the bytes after it.
    return ((values + ONES * 0x76) | values) & HIGH_BITS;
  }

  /**
   * Seven bytes of {@code chunk}: all but the first of those that {@code marks} has the highest bit
   * of.
   */
  static long without(long chunk, long marks) {
    long before = (marks & -marks) - 1 >>> 7;
    return (chunk & before) | (chunk >>> 8 & ~before);
  }

  /** The number that the first {@code count} bytes, all digits, stand for; 1 to 8 of them. */
  static long digitsToLong(long chunk, int count) {
    return toLong((chunk ^ ZEROS) << (64 - 8 * count));
  }

  /** {@code number} with the first {@code count} bytes, all digits, behind it; 0 to 8 of them. */
  static long append(long number, long chunk, int count) {
    int half = 32 - 4 * count;
    return number * DecimalScaling.powerOfTen(count) + toLong((chunk ^ ZEROS) << half << half);
  }

  private static long toLong(long values) {
    long pairs = values * 10 + (values >>> 8);
    long lowHalves = (pairs & 0x000000FF000000FFL) * (100L + (1000000L << 32));
    long highHalves = ((pairs >>> 16) & 0x000000FF000000FFL) * (1L + (10000L << 32));
    return (lowHalves + highHalves) >>> 32;
  }

  /**
   * How many of the first bytes of {@code chunk} may stand in a JSON string as they are: neither a
   * quotation mark, nor a backslash, nor a control character.
   */
  static int leadingPlain(long chunk) {
    long special =
        zeroBytes(chunk ^ QUOTES) | zeroBytes(chunk ^ BACKSLASHES) | (chunk - SPACES & ~chunk);
    return Long.numberOfTrailingZeros(special & HIGH_BITS) >>> 3;
  }

  private static long zeroBytes(long values) {
    return values - ONES & ~values;
  }
}
