package io.salver.engine.trees;

import io.salver.engine.ModelLoadException;
import java.util.Arrays;
import java.util.Map;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a block of a LightGBM file.
 *
 * @param where the block's name, for messages
 */
record LgbmFields(String where, Map<String, String> byName) {

  /** Whether there is a field of this name. */
  boolean has(String name) {
    return byName.containsKey(name);
  }

  /** A field that must be there. */
  String text(String name) throws ModelLoadException {
    @Nullable String text = byName.get(name);
    if (text == null) {
      throw new ModelLoadException(where + ": no field \"" + name + "\" (expected: one)");
    }
    return text;
  }

  /** A whole number. */
  int integer(String name, int minimum) throws ModelLoadException {
    String text = text(name).strip();
    try {
      int integer = Integer.parseInt(text);
      if (integer >= minimum) {
        return integer;
      }
    } catch (NumberFormatException e) {
      // Told below, as one that is too small.
    }
    throw new ModelLoadException(
        where + ": " + name + "=" + text + " (expected: a whole number, >= " + minimum + ")");
  }

  /** The numbers of a field, which must be there. */
  double[] numbers(String name) throws ModelLoadException {
    StringTokenizer words = new StringTokenizer(text(name), " ");
    double[] numbers = new double[words.countTokens()];
    for (int i = 0; i < numbers.length; i++) {
      String word = words.nextToken();
      try {
        numbers[i] = number(word);
      } catch (NumberFormatException e) {
        throw new ModelLoadException(
            where + ": " + name + " has \"" + word + "\" (expected: a number)", e);
      }
    }
    return numbers;
  }

  private static double number(String word) {
    return switch (word) {
      case "inf", "+inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan", "-nan" -> Double.NaN;
      default -> Double.parseDouble(word);
    };
  }

  /** The numbers of a field, of which there must be {@code count}. */
  double[] numbers(String name, long count) throws ModelLoadException {
    double[] numbers = numbers(name);
    if (numbers.length != count) {
      throw new ModelLoadException(
          where + ": " + name + " has " + numbers.length + " numbers (expected: " + count + ")");
    }
    return numbers;
  }

  /** The whole numbers of a field, of which there must be {@code count}. */
  int[] integers(String name, long count) throws ModelLoadException {
    double[] numbers = numbers(name, count);
    int[] integers = new int[numbers.length];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (int) numbers[i];
      if (integers[i] != numbers[i]) {
        throw new ModelLoadException(
            where + ": " + name + " has " + numbers[i] + " (expected: a whole number of 32 bits)");
      }
    }
    return integers;
  }

  /**
   * The whole numbers of a field as unsigned 32 bits, or {@code missing} of 0 if it is left out.
   */
  int[] integersOr(String name, int missing) throws ModelLoadException {
    return has(name) ? integers(name, missing) : new int[missing];
  }

  /** Words of bits. */
  int[] words(String name) throws ModelLoadException {
    double[] numbers = numbers(name);
    int[] words = new int[numbers.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = (int) (long) numbers[i];
      if (Integer.toUnsignedLong(words[i]) != numbers[i]) {
        throw new ModelLoadException(
            where + ": " + name + " has " + numbers[i] + " (expected: 0 to 2^32 - 1)");
      }
    }
    return words;
  }

  /** The sum of counts, none of which may be negative. */
  long total(String name, int[] counts) throws ModelLoadException {
    long total = 0;
    for (int count : counts) {
      if (count < 0) {
        throw new ModelLoadException(
            where + ": " + name + "=" + Arrays.toString(counts) + " (expected: >= 0 each)");
      }
      total += count;
    }
    return total;
  }
}
