package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds the heads of HTTP/1.1 answers, one after the other. Used by one connection. */
final class ResponseHead {
  /** More than any head without further headers takes. */
  static final int ROOM_BYTES = 256;

  /** The length of a body that says itself where it ends. */
  static final int UNKNOWN = -1;

  private static final byte[] VERSION = ascii("HTTP/1.1 ");
  private static final byte[] OK = ascii("HTTP/1.1 200 OK\r\n");
  private static final byte[] JSON = ascii("Content-Type: application/json\r\n");
  private static final byte[] TYPE = ascii("Content-Type: ");
  private static final byte[] LENGTH = ascii("Content-Length: ");
  private static final byte[] DATE = ascii("Date: ");
  private static final byte[] CLOSE = ascii("Connection: close\r\n");
  private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
  private static final byte[] COLON = ascii(": ");
  private static final byte[] NEW_LINE = ascii("\r\n");

  private byte[] bytes = new byte[ROOM_BYTES];
  private int length;
  private long dateSeconds;
  private byte[] date = {};

  /** What a head says of its connection. */
  enum Persistence {
    /** Nothing: it stays open, as HTTP/1.1 does unless told. */
    IMPLIED,
    /** That it stays open, as HTTP/1.0 has to be told. */
    KEEP_ALIVE,
    /** That it is closed. */
    CLOSE
  }

  /**
   * Builds a head; it is there until the next one is built.
   *
   * @param extra further headers still; null if there are none
   * @param contentLength in bytes, or {@link #UNKNOWN}
   */
  void build(
      int status,
      String contentType,
      Map<String, String> headers,
      @Nullable ExtraHeaders extra,
      int contentLength,
      Persistence persistence) {
    length = 0;
    status(status);
    contentType(contentType);
    headers.forEach(this::header);
    if (extra != null) {
      append(extra);
    }
    switch (persistence) {
      case IMPLIED -> {}
      case KEEP_ALIVE -> append(KEEP_ALIVE);
      case CLOSE -> append(CLOSE);
    }
    if (contentLength != UNKNOWN) {
      append(LENGTH);
      number(contentLength);
      append(NEW_LINE);
    }
    append(DATE);
    append(date());
    append(NEW_LINE);
    append(NEW_LINE);
  }

  int length() {
    return length;
  }

  /** Puts the head into {@code target} from {@code index} on, moving none of its indices. */
  void copyTo(ByteBuf target, int index) {
    target.setBytes(index, bytes, 0, length);
  }

  private void status(int status) {
    if (status == 200) {
      append(OK);
      return;
    }
    append(VERSION);
    append(ascii(HttpResponseStatus.valueOf(status).toString()));
    append(NEW_LINE);
  }

  private void contentType(String contentType) {
    if (contentType.equals(HttpProblem.JSON)) {
      append(JSON);
    } else if (!contentType.isEmpty()) {
      append(TYPE);
      append(ascii(contentType));
      append(NEW_LINE);
    }
  }

  private void header(String name, String value) {
    if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0) {
      throw new IllegalArgumentException(
          "header " + name + ": \"" + value + "\" (expected: one line)");
    }
    append(ascii(name + ": " + value));
    append(NEW_LINE);
  }

  private void append(ExtraHeaders extra) {
    for (int i = 0; i < extra.count(); i++) {
      append(extra.name(i));
      append(COLON);
      append(extra.value(i));
      append(NEW_LINE);
    }
  }

  private void number(int value) {
    int digits = 1;
    for (int rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    reserve(digits);
    int rest = value;
    for (int i = length + digits - 1; i >= length; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
  }

  private byte[] date() {
    long seconds = System.currentTimeMillis() / 1000;
    if (seconds != dateSeconds) {
      dateSeconds = seconds;
      date =
          ascii(
              DateTimeFormatter.RFC_1123_DATE_TIME.format(
                  Instant.ofEpochSecond(seconds).atOffset(ZoneOffset.UTC)));
    }
    return date;
  }

  private void append(byte[] piece) {
    append(piece, 0, piece.length);
  }

  private void append(AsciiString piece) {
    append(piece.array(), piece.arrayOffset(), piece.length());
  }

  private void append(byte[] piece, int from, int count) {
    reserve(count);
    System.arraycopy(piece, from, bytes, length, count);
    length += count;
  }

  private void reserve(int count) {
    if (count > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
