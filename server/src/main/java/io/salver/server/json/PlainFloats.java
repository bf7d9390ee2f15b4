package io.salver.server.json;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads many floats at a time from lists of numbers as programs write them: a sign, up to 18 digits
 * with perhaps a point among them, and right behind it a comma, or the bracket that ends the list.
 * It stops in front of the first that is different, which the caller reads in its own way.
 *
 * <p>A number is taken apart eight bytes at a time. Nearly all end within the first eight, where
 * the point is cut out by shifting what is behind it, so that one conversion takes the digits on
 * both sides. Digits times a negative power of ten are at most 3 units in the last place of a
 * double away from the exact value; that is rounded to the nearest float unless it lies so close to
 * the middle between two floats that the exact value may lie beyond (compare W. Clinger, "How to
 * read floating point numbers accurately", 1990), which is left to the caller as well.
 *
 * <p>Not thread-safe.
 */
final class PlainFloats {
  private static final int WORD = Long.BYTES;

  /** How many bytes behind the first of a number may be looked at. */
  private static final int LOOKAHEAD = 1 + 3 * WORD + 4;

  private static final int NONE = -1;
  private static final int MAX_FRACTION = 18;

  /** 15 digits and 4 more stay below 2^63 if the 15 are below this. */
  private static final int MAX_TAIL = 4;

  private static final long MAX_HEAD = 920_000_000_000_000L;

  /** {@link #LOW_BITS} of a double exactly between two normal floats. */
  static final long MIDDLE = 1L << 28;

  /** The bits of a double that a float has no room for. */
  static final long LOW_BITS = (1L << 29) - 1;

  private static final long MARGIN = 4;

  private static final double[] POWERS = powers();

  private long digits;
  private int fraction;

  private int position;
  private long usedBytes;
  private long listStart;
  private long lists;

  private static double[] powers() {
    double[] powers = new double[MAX_FRACTION + 1];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = 1 / (double) DecimalScaling.powerOfTen(i);
    }
    return powers;
  }

  /** Where the last {@link #read} stopped. */
  int position() {
    return position;
  }

  /** How much of the memory is used. */
  long usedBytes() {
    return usedBytes;
  }

  /** Where in the memory the elements of the list begin in which the last {@link #read} stopped. */
  long listStart() {
    return listStart;
  }

  /** How many lists the last {@link #read} passed, each with one behind it. */
  long lists() {
    return lists;
  }

  /**
   * Reads on, from the first byte of an element or of what is in front of it.
   *
   * @param used how much of {@code data} is used
   * @param start where in {@code data} the elements of this list begin
   * @param listBytes how large the elements of a list are if it may be left for the next; else -1
   * @return whether it stopped behind an element, at the bracket that ends the list; else it
   *     stopped in front of one
   */
  boolean read(
      byte[] text, int from, int end, MemorySegment data, long used, long start, long listBytes) {
    int last = end - LOOKAHEAD;
    long capacity = data.byteSize() - Float.BYTES;
    long out = used;
    long first = start;
    int p = from < end ? skipSpace(text, from) : from;
    boolean ended = false;
    lists = 0;
    while (p <= last && out <= capacity) {
      boolean negative = text[p] == '-';
      int stop = scan(text, negative ? p + 1 : p);
      if (stop == NONE) {
        break;
      }
      double value = digits * POWERS[fraction];
      byte behind = text[stop];
      if (isUncertain(value) || (behind != ',' && behind != ']')) {
        break;
      }
      data.set(ValueLayout.JAVA_FLOAT, out, (float) (negative ? -value : value));
      out += Float.BYTES;
      if (behind == ',') {
        p = skipSpace(text, stop + 1);
        continue;
      }
      p = out - first == listBytes ? nextList(text, stop + 1) : NONE;
      if (p == NONE) {
        p = stop;
        ended = true;
        break;
      }
      first = out;
      lists++;
    }
    position = p;
    usedBytes = out;
    listStart = first;
    return ended;
  }

  /** Takes the number apart that begins at {@code from}; returns where it ends. */
  private int scan(byte[] text, int from) {
    long word = Swar.load(text, from);
    long marks = Swar.notDigits(word);
    int whole = Long.numberOfTrailingZeros(marks) >>> 3;
    if (whole == 0 || whole == WORD || (whole > 1 && (byte) word == '0')) {
      return NONE;
    }
    if ((byte) (word >>> 8 * whole) != '.') {
      digits = Swar.digitsToLong(word, whole);
      fraction = 0;
      return from + whole;
    }
    int count = (Long.numberOfTrailingZeros(marks & marks - 1) >>> 3) - 1;
    digits = Swar.digitsToLong(Swar.without(word, marks), count);
    int stop = from + count + 1;
    if (count == WORD - 1) {
      stop = scanMore(text, stop);
    }
    fraction = stop - from - whole - 1;
    return fraction > 0 ? stop : NONE;
  }

  /** Goes on behind seven digits; returns where the number ends. */
  private int scanMore(byte[] text, int from) {
    long word = Swar.load(text, from);
    int count = Swar.leadingDigits(word);
    digits = Swar.append(digits, word, count);
    if (count < WORD) {
      return from + count;
    }
    word = Swar.load(text, from + WORD);
    count = Swar.leadingDigits(word);
    if (count > MAX_TAIL || digits >= MAX_HEAD) {
      return NONE;
    }
    digits = Swar.append(digits, word, count);
    return from + WORD + count;
  }

  private static boolean isUncertain(double value) {
    long distance = Double.doubleToRawLongBits(value) - MIDDLE + MARGIN & LOW_BITS;
    return distance <= 2 * MARGIN;
  }

  private static int skipSpace(byte[] text, int at) {
    return text[at] == ' ' ? at + 1 : at;
  }

  /** Where the number is that the list that follows at {@code at} begins with. */
  private static int nextList(byte[] text, int at) {
    if (text[at] != ',') {
      return NONE;
    }
    int opening = skipSpace(text, at + 1);
    if (text[opening] != '[') {
      return NONE;
    }
    byte first = text[opening + 1];
    return first == '-' || (first >= '0' && first <= '9') ? opening + 1 : NONE;
  }
}
