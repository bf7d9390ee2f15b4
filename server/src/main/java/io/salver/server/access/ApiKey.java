package io.salver.server.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a server knows of an API key: enough to recognise it, too little to make it. Thread-safe.
 *
 * <p>A key is {@code salver_ID_SECRET}. The identifier is no secret; it says which hash to compare
 * with. The secret is 256 random bits, so that one pass of HMAC-SHA-256 with a salt is as hard to
 * turn back as a slow hash of a password that people choose: there is nothing to guess.
 */
public final class ApiKey {
  /** What keys begin with. */
  public static final String PREFIX = "salver_";

  private static final int ID_BYTES = 6;
  private static final int SALT_BYTES = 16;
  private static final int SECRET_BYTES = 32;
  private static final String HMAC = "HmacSHA256";
  private static final Pattern STORED =
      Pattern.compile("hmac-sha256:([0-9a-f]{12}):([0-9a-f]{32}):([0-9a-f]{64})");

  private final String id;
  private final byte[] salt;
  private final byte[] hash;

  private ApiKey(String id, byte[] salt, byte[] hash) {
    this.id = id;
    this.salt = salt;
    this.hash = hash;
  }

  /**
   * A new key.
   *
   * @param text what its owner keeps
   * @param stored what the server keeps
   */
  public record Created(String text, ApiKey stored) {
    /** Says nothing of the key. */
    @Override
    public String toString() {
      return "key " + stored.id();
    }
  }

  /** Makes a key. */
  public static Created create(SecureRandom random) {
    String id = HexFormat.of().formatHex(bytes(random, ID_BYTES));
    String secret =
        Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(random, SECRET_BYTES));
    String text = PREFIX + id + "_" + secret;
    byte[] salt = bytes(random, SALT_BYTES);
    return new Created(text, new ApiKey(id, salt, hash(salt, text)));
  }

  private static byte[] bytes(SecureRandom random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  /**
   * The key that {@link #toString()} has written.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static ApiKey parse(String stored) {
    Matcher matcher = STORED.matcher(stored);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "key: "
              + stored.length()
              + " characters (expected: what `salver keys create` has printed,"
              + " as hmac-sha256:ID:SALT:HASH)");
    }
    HexFormat hex = HexFormat.of();
    return new ApiKey(
        matcher.group(1), hex.parseHex(matcher.group(2)), hex.parseHex(matcher.group(3)));
  }

  private static byte[] hash(byte[] salt, String text) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(salt, HMAC));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has HMAC-SHA-256", e);
    }
  }

  /** The identifier in a key's text; empty if it has none. */
  static String idOf(String text) {
    int from = PREFIX.length();
    int to = from + 2 * ID_BYTES;
    return text.startsWith(PREFIX) && text.length() > to && text.charAt(to) == '_'
        ? text.substring(from, to)
        : "";
  }

  /** Tells keys of the same owner apart. */
  public String id() {
    return id;
  }

  /** Whether this is the key. Takes the same time wherever they differ. */
  public boolean matches(String text) {
    return MessageDigest.isEqual(hash, hash(salt, text));
  }

  /** What goes into a configuration file. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return "hmac-sha256:" + id + ":" + hex.formatHex(salt) + ":" + hex.formatHex(hash);
  }
}
