package io.salver.server.http;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;

/**
 * Headers that an answer carries beside the usual ones, in the order in which they were added.
 * Cheaper than a map of texts, since hardly anybody looks for one of them. Confined to one loop.
 */
public final class ExtraHeaders {
  private static final int USUAL_COUNT = 4;

  private AsciiString[] fields = new AsciiString[2 * USUAL_COUNT];
  private int length;

  /**
   * Adds a header.
   *
   * @param lowerCaseName known to be a header's name
   * @param value of printable characters
   * @throws IllegalArgumentException if it has others, as those that end a line
   */
  public void add(AsciiString lowerCaseName, AsciiString value) {
    check(lowerCaseName, value);
    if (length == fields.length) {
      fields = Arrays.copyOf(fields, 2 * length);
    }
    fields[length++] = lowerCaseName;
    fields[length++] = value;
  }

  private static void check(AsciiString name, AsciiString value) {
    byte[] bytes = value.array();
    int end = value.arrayOffset() + value.length();
    for (int i = value.arrayOffset(); i < end; i++) {
      if ((bytes[i] & 0xff) < ' ' || bytes[i] == 0x7f) {
        throw new IllegalArgumentException(
            "header " + name + ": \"" + value + "\" (expected: printable characters)");
      }
    }
  }

  /** Whether there is a header of this name. */
  public boolean contains(AsciiString lowerCaseName) {
    for (int i = 0; i < length; i += 2) {
      if (fields[i].equals(lowerCaseName)) {
        return true;
      }
    }
    return false;
  }

  /** How many headers there are. */
  int count() {
    return length / 2;
  }

  /** The name of header {@code i}. */
  AsciiString name(int i) {
    return fields[2 * i];
  }

  /** The value of header {@code i}. */
  AsciiString value(int i) {
    return fields[2 * i + 1];
  }

  void addTo(Http2Headers headers) {
    for (int i = 0; i < length; i += 2) {
      headers.add(fields[i], fields[i + 1]);
    }
  }

  /** {@code first} and then these, name after value after name. */
  public AsciiString[] after(AsciiString... first) {
    AsciiString[] all = Arrays.copyOf(first, first.length + length);
    System.arraycopy(fields, 0, all, first.length, length);
    return all;
  }
}
