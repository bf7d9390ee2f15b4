package io.salver.server.json;

import io.salver.predict.ServingException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over JSON text, from which the caller pulls what it expects.
 *
 * <pre>{@code
 * for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
 *   if (reader.keyIs(name)) { value = reader.readDouble(); } else { reader.skipValue(); }
 * }
 * }</pre>
 *
 * <p>The grammar is RFC 8259's, with the numbers {@code NaN}, {@code Infinity} and {@code Inf},
 * also negative, which TensorFlow Serving takes too. A byte order mark is skipped; bytes of strings
 * are passed on as they are, UTF-8 or not. What follows the value that the caller reads is not
 * looked at. Nesting is limited by the caller only: nothing here is recursive.
 *
 * <p>Every method moves behind what it reads and throws a {@link ServingException} of category
 * INVALID_ARGUMENT, with RapidJSON's words and the offset, where the text is not what it has to be.
 * One reader for each event loop, used again and again without allocating; not thread-safe.
 */
public final class JsonReader {
  private static final int DEBUG_BYTES = 256;
  private static final byte[] NOTHING = {};
  private static final byte[] B64 = {'b', '6', '4'};

  private final NumberScanner number = new NumberScanner();
  private final StringToken string = new StringToken();
  private final ValueSkipper skipper = new ValueSkipper(this);
  private byte[] text = NOTHING;
  private int end;
  private int position;

  /** A reader over nothing; see {@link #reset}. */
  public JsonReader() {}

  /** Starts at the beginning of {@code source}'s first {@code length} bytes. */
  public void reset(byte[] source, int length) {
    text = source;
    end = length;
    boolean marked =
        length >= 3
            && source[0] == (byte) 0xEF
            && source[1] == (byte) 0xBB
            && source[2] == (byte) 0xBF;
    position = marked ? 3 : 0;
  }

  /** Lets go of the text. */
  public void release() {
    reset(NOTHING, 0);
    string.clear();
  }

  /** Where the cursor is, in bytes. */
  public int position() {
    return position;
  }

  /** The length of the text in bytes. */
  public int length() {
    return end;
  }

  /** Moves the cursor to an earlier {@link #position()}. */
  public void moveTo(int earlier) {
    position = earlier;
  }

  /** The first byte of the next token, at which the cursor stops; -1 at the end. */
  public int peek() {
    if (position < end) {
      byte b = text[position];
      if (b > ' ') {
        return b;
      }
    }
    return peekBehindSpace();
  }

  private int peekBehindSpace() {
    int p = position;
    while (p < end) {
      byte b = text[p];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        position = p;
        return b & 0xFF;
      }
      p++;
    }
    position = p;
    return -1;
  }

  /** An error at the cursor, in the form of TensorFlow Serving's. */
  public ServingException syntaxError(String what) {
    return syntaxError(what, position);
  }

  private static ServingException syntaxError(String what, int offset) {
    return ServingException.invalid("JSON Parse error: " + what + " at offset: " + offset);
  }

  private ServingException invalidValue() {
    return syntaxError("Invalid value.");
  }

  /**
   * Enters the object at the cursor and reads its first name.
   *
   * @return false, behind the object, if it is empty
   */
  public boolean firstMember() {
    expect('{');
    if (peek() == '}') {
      position++;
      return false;
    }
    readKey();
    return true;
  }

  /**
   * Reads the next name of the object whose last value was read.
   *
   * @return false, behind the object, if there is none
   */
  public boolean nextMember() {
    int b = peek();
    if (b == ',') {
      position++;
      peek();
      readKey();
      return true;
    }
    if (b != '}') {
      throw syntaxError("Missing a comma or '}' after an object member.");
    }
    position++;
    return false;
  }

  private void readKey() {
    if (position == end || text[position] != '"') {
      throw syntaxError("Missing a name for object member.");
    }
    readString();
    if (peek() != ':') {
      throw syntaxError("Missing a colon after a name of object member.");
    }
    position++;
  }

  /**
   * Enters the array at the cursor.
   *
   * @return false, behind the array, if it is empty
   */
  public boolean firstElement() {
    expect('[');
    if (peek() == ']') {
      position++;
      return false;
    }
    return true;
  }

  /**
   * Passes the comma behind an element.
   *
   * @return false, behind the array, if there is none
   */
  public boolean nextElement() {
    // Most often the comma is right here.
    if (position < end && text[position] == ',') {
      position++;
      return true;
    }
    int b = peek();
    if (b == ',') {
      position++;
      return true;
    }
    if (b != ']') {
      throw syntaxError("Missing a comma or ']' after an array element.");
    }
    position++;
    return false;
  }

  private void expect(char opening) {
    if (peek() != opening) {
      throw invalidValue();
    }
    position++;
  }

  /** Whether the name or string that was read last has these bytes. */
  public boolean keyIs(byte[] name) {
    return string.is(name);
  }

  /** Reads a string; see {@link #string()}. */
  public void readString() {
    if (peek() != '"') {
      throw invalidValue();
    }
    if (!string.scan(text, position + 1, end)) {
      throw syntaxError(String.valueOf(string.error()), string.end());
    }
    position = string.end();
  }

  /** The string or name that was read last; bytes that are not UTF-8 become U+FFFD. */
  public String string() {
    return string.text();
  }

  /** The array that holds the bytes of the string that was read last; valid until the next. */
  public byte[] stringArray() {
    return string.array();
  }

  /** Where in {@link #stringArray()} the string begins. */
  public int stringOffset() {
    return string.offset();
  }

  /** How many bytes the string has. */
  public int stringLength() {
    return string.length();
  }

  /** {@link #stringArray()} as a segment. */
  MemorySegment stringSegment() {
    return string.segment();
  }

  /** Whether the next token can only be a number, perhaps not a finite one. */
  public boolean isNumber() {
    int b = peek();
    return (b >= '0' && b <= '9') || b == '-' || b == 'N' || b == 'I';
  }

  /** Whether the next token can only be a finite number. */
  public boolean isFiniteNumber() {
    int b = peek();
    return (b >= '0' && b <= '9') || (b == '-' && !isWordAt(position + 1));
  }

  private boolean isWordAt(int at) {
    return at < end && (text[at] == 'N' || text[at] == 'I');
  }

  /** Reads a number; see {@link #isInteger()} and the others. */
  public void readNumber() {
    peek();
    scanNumber();
    if (!number.isInteger() && number.isTooLarge()) {
      throw syntaxError("Number too big to be stored in double.");
    }
    position = number.end();
  }

  private void scanNumber() {
    if (position == end) {
      throw invalidValue();
    }
    if (!number.scan(text, position, end)) {
      throw syntaxError(String.valueOf(number.error()), number.end());
    }
  }

  /**
   * Reads a number as the double nearest to it, ties to even.
   *
   * @return may be NaN or infinite, if it says so; a finite number beyond the range of double is an
   *     error
   */
  public double readDouble() {
    int first = peek();
    if (first > '9' || (first == '-' && isWordAt(position + 1))) {
      return readNotFinite(first == '-');
    }
    double value = scanDouble();
    position = number.end();
    return value;
  }

  /**
   * Reads a number as the float nearest to it, ties to even; infinite if it is beyond the range of
   * float, but an error beyond that of double.
   */
  float readFloat() {
    int first = peek();
    if (first > '9' || (first == '-' && isWordAt(position + 1))) {
      return (float) readNotFinite(first == '-');
    }
    float value = number.toFloat(scanDouble());
    position = number.end();
    return value;
  }

  private double scanDouble() {
    scanNumber();
    double value = number.toDouble();
    if (Double.isInfinite(value)) {
      throw syntaxError("Number too big to be stored in double.");
    }
    return value;
  }

  /** Moves past what {@code floats} can read here; see {@link PlainFloats#read}. */
  boolean readPlain(
      PlainFloats floats, MemorySegment data, long used, long listStart, long listBytes) {
    boolean ended = floats.read(text, position, end, data, used, listStart, listBytes);
    position = floats.position();
    return ended;
  }

  private double readNotFinite(boolean negative) {
    if (negative) {
      position++;
    }
    if (text[position] == 'N') {
      word("NaN");
      return Double.NaN;
    }
    word("Inf");
    if (position < end && text[position] == 'i') {
      word("inity");
    }
    return negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }

  private void word(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (position == end || text[position] != word.charAt(i)) {
        throw invalidValue();
      }
      position++;
    }
  }

  /**
   * Whether the number read last has neither fraction nor exponent, and is below 2^64 if signless.
   */
  public boolean isInteger() {
    return number.isInteger();
  }

  /** Whether the number read last is an integer below -2^63. */
  public boolean isBelowLong() {
    return number.isInteger()
        && number.isNegative()
        && Long.compareUnsigned(number.digits(), Long.MIN_VALUE) > 0;
  }

  /** Whether the number read last has a minus sign. */
  public boolean isNegative() {
    return number.isNegative();
  }

  /** The absolute value of the integer read last, unsigned. */
  public long magnitude() {
    return number.digits();
  }

  /** Reads {@code true} or {@code false}. */
  public boolean readBoolean() {
    boolean value = peek() == 't';
    word(value ? "true" : "false");
    return value;
  }

  /** Reads {@code null}. */
  public void readNull() {
    word("null");
  }

  /**
   * Reads a {@code {"b64": "..."}}, whose string is then the one that was read last.
   *
   * @return false, without moving, if the next value is another
   */
  public boolean tryReadBase64() {
    int start = position;
    if (peek() == '{' && isBase64Start()) {
      readString();
      if (peek() == '}') {
        position++;
        return true;
      }
    }
    position = start;
    return false;
  }

  /**
   * Decodes the string that was read last from base64; the bytes take its place.
   *
   * @return false if it is not base64
   */
  public boolean decodeBase64() {
    return string.decodeBase64();
  }

  /** Moves to the string of the object at the cursor if its first member is one named b64. */
  private boolean isBase64Start() {
    position++;
    if (peek() != '"') {
      return false;
    }
    readString();
    if (!keyIs(B64) || peek() != ':') {
      return false;
    }
    position++;
    return peek() == '"';
  }

  /** Passes over the next value, which has to be well-formed; any depth. */
  public void skipValue() {
    skipper.skip();
  }

  /** The next value's type, by TensorFlow Serving's names; its first byte decides. */
  public String typeName() {
    return switch (peek()) {
      case '{' -> "Object";
      case '[' -> "Array";
      case '"' -> "String";
      case 't' -> "True";
      case 'f' -> "False";
      case 'n' -> "Null";
      default -> "Number";
    };
  }

  /** The text of the value at {@code start}, at most its first 256 bytes; for messages. */
  public String debug(int start) {
    int before = position;
    position = start;
    peek();
    int from = position;
    int to = skippedEnd();
    position = before;
    return new String(text, from, Math.min(DEBUG_BYTES, to - from), StandardCharsets.UTF_8);
  }

  private int skippedEnd() {
    try {
      skipValue();
      return position;
    } catch (ServingException e) {
      return end;
    }
  }
}
