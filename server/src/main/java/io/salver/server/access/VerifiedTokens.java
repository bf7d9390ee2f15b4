package io.salver.server.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Credentials that were found good before, so that they are not checked again with each request.
 * Thread-safe, without locks.
 *
 * <p>Bounded: each has one place, and takes that of whatever was there. Only good credentials come
 * in, so that bad ones drive nothing out. They are compared in a time that does not tell where they
 * differ.
 */
final class VerifiedTokens {
  private static final int SLOTS = 2048;

  private record Entry(byte[] token, Principal principal, long untilMs, long endMs) {}

  private final AtomicReferenceArray<@Nullable Entry> slots = new AtomicReferenceArray<>(SLOTS);

  /** Whose credential it is, or null if that is not known, or not any more. */
  @Nullable Principal find(String token, long nowMs) {
    Entry entry = entry(token);
    return entry != null && nowMs < entry.untilMs ? entry.principal : null;
  }

  /** Whether it was found good, and may still be, though it has to be checked again. */
  boolean wasGood(String token, long nowMs) {
    Entry entry = entry(token);
    return entry != null && nowMs < entry.endMs;
  }

  private @Nullable Entry entry(String token) {
    Entry entry = slots.get(slot(token));
    return entry != null
            && entry.token.length == token.length()
            && MessageDigest.isEqual(entry.token, bytes(token))
        ? entry
        : null;
  }

  /**
   * Remembers it.
   *
   * @param untilMs when it has to be checked again
   * @param endMs when it is good no more
   */
  void put(String token, Principal principal, long untilMs, long endMs) {
    slots.set(slot(token), new Entry(bytes(token), principal, untilMs, endMs));
  }

  /** It is not good any more. */
  void remove(String token) {
    Entry entry = entry(token);
    if (entry != null) {
      boolean unused = slots.compareAndSet(slot(token), entry, null);
    }
  }

  private static byte[] bytes(String token) {
    return token.getBytes(StandardCharsets.UTF_8);
  }

  private static int slot(String token) {
    int hash = token.hashCode();
    return (hash ^ hash >>> 16) & SLOTS - 1;
  }
}
