package io.salver.server.inference;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Undoes what clients do to names that they put into paths. */
public final class PercentDecoder {
  private PercentDecoder() {}

  /**
   * With {@code %41} as {@code A}; a percent sign that begins nothing stays, and bytes that are not
   * UTF-8 become U+FFFD.
   *
   * @param plusIsBlank whether a plus stands for a blank, as forms encode it
   */
  public static String decode(String encoded, boolean plusIsBlank) {
    if (encoded.indexOf('%') < 0 && !(plusIsBlank && encoded.indexOf('+') >= 0)) {
      return encoded;
    }
    byte[] bytes = encoded.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      boolean complete = i < bytes.length - 2;
      int high = complete ? Character.digit(bytes[i + 1], 16) : -1;
      int low = complete ? Character.digit(bytes[i + 2], 16) : -1;
      if (bytes[i] == '%' && high >= 0 && low >= 0) {
        out.write(high << 4 | low);
        i += 2;
      } else {
        out.write(plusIsBlank && bytes[i] == '+' ? ' ' : bytes[i]);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
