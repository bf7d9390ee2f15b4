package io.salver.engine.steps;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Splits text as BERT does: at white space, punctuation and Chinese characters, and then each word
 * into the longest pieces of the vocabulary, from its beginning on. A piece that does not begin a
 * word begins with {@code ##} in the vocabulary.
 *
 * <p>Source: M. Schuster, K. Nakajima, Japanese and Korean Voice Search, ICASSP 2012; J. Devlin et
 * al., BERT, NAACL 2019.
 */
final class WordPieces {
  /** Longer words are unknown, as in the original. */
  private static final int MAX_WORD_LENGTH = 100;

  private final Map<String, Integer> vocabulary;
  private final boolean lowerCase;
  private final int unknown;

  WordPieces(Map<String, Integer> vocabulary, boolean lowerCase, int unknown) {
    this.vocabulary = vocabulary;
    this.lowerCase = lowerCase;
    this.unknown = unknown;
  }

  /** The numbers of the first {@code max} pieces of {@code text}. */
  List<Integer> split(String text, int max) {
    List<Integer> pieces = new ArrayList<>();
    String clean = lowerCase ? withoutAccents(text.toLowerCase(Locale.ROOT)) : text;
    int begin = -1;
    for (int i = 0; i < clean.length() && pieces.size() < max; ) {
      int c = clean.codePointAt(i);
      int next = i + Character.charCount(c);
      boolean alone = isPunctuation(c) || isChinese(c);
      if (alone || isSpace(c)) {
        addWord(clean, begin, i, pieces);
        begin = -1;
        if (alone) {
          addWord(clean, i, next, pieces);
        }
      } else if (begin < 0) {
        begin = i;
      }
      i = next;
    }
    if (pieces.size() < max) {
      addWord(clean, begin, clean.length(), pieces);
    }
    return pieces.size() > max ? pieces.subList(0, max) : pieces;
  }

  private void addWord(String text, int begin, int end, List<Integer> pieces) {
    if (begin < 0 || begin == end) {
      return;
    }
    String word = withoutControls(text.substring(begin, end));
    int before = pieces.size();
    for (int from = 0; from < word.length(); ) {
      int to = word.length() > MAX_WORD_LENGTH ? from : longest(word, from);
      if (to == from) {
        pieces.subList(before, pieces.size()).clear();
        pieces.add(unknown);
        return;
      }
      pieces.add(vocabulary.get(piece(word, from, to)));
      from = to;
    }
  }

  /** Where the longest piece ends that begins at {@code from}; there if there is none. */
  private int longest(String word, int from) {
    for (int to = word.length(); to > from; to--) {
      if (vocabulary.containsKey(piece(word, from, to))) {
        return to;
      }
    }
    return from;
  }

  private static String piece(String word, int from, int to) {
    String piece = word.substring(from, to);
    return from == 0 ? piece : "##" + piece;
  }

  private static String withoutAccents(String text) {
    String split = Normalizer.normalize(text, Normalizer.Form.NFD);
    StringBuilder kept = new StringBuilder(split.length());
    split
        .codePoints()
        .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }

  private static String withoutControls(String word) {
    StringBuilder kept = new StringBuilder(word.length());
    word.codePoints()
        .filter(c -> c != 0 && c != 0xfffd && !isControl(c))
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }

  private static boolean isControl(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.PRIVATE_USE
        || type == Character.UNASSIGNED
        || type == Character.SURROGATE;
  }

  private static boolean isSpace(int c) {
    return c == ' '
        || c == '\t'
        || c == '\n'
        || c == '\r'
        || Character.getType(c) == Character.SPACE_SEPARATOR;
  }

  /** Every sign of ASCII that is no letter and no digit is taken for one. */
  private static boolean isPunctuation(int c) {
    if (c >= 33 && c <= 47 || c >= 58 && c <= 64 || c >= 91 && c <= 96 || c >= 123 && c <= 126) {
      return true;
    }
    return switch (Character.getType(c)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }

  private static boolean isChinese(int c) {
    return c >= 0x4E00 && c <= 0x9FFF
        || c >= 0x3400 && c <= 0x4DBF
        || c >= 0x20000 && c <= 0x2A6DF
        || c >= 0x2A700 && c <= 0x2CEAF
        || c >= 0xF900 && c <= 0xFAFF
        || c >= 0x2F800 && c <= 0x2FA1F;
  }
}
