package io.salver.server.http;

import io.netty.util.AsciiString;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Names of headers as Netty's tables look them up without hashing them anew: a server asks each
 * request for the same few. Thread-safe.
 */
public final class HeaderNames {
  /** More than any configuration names; what comes after them is not remembered. */
  private static final int MAX_REMEMBERED = 256;

  private static final Map<String, AsciiString> REMEMBERED = new ConcurrentHashMap<>();

  private HeaderNames() {}

  /** The same name. */
  public static AsciiString of(String lowerCaseName) {
    AsciiString known = REMEMBERED.get(lowerCaseName);
    return known == null ? remember(lowerCaseName) : known;
  }

  private static AsciiString remember(String name) {
    AsciiString made = AsciiString.of(name);
    if (REMEMBERED.size() < MAX_REMEMBERED) {
      REMEMBERED.put(name, made);
    }
    return made;
  }
}
