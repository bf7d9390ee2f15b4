package io.salver.source;

import io.salver.source.Digest.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The list of a model's files that {@code sha256sum} of GNU coreutils writes: a line for each, with
 * the SHA-256 in hexadecimal digits, two spaces, and the path. It says which versions there are and
 * what is in them, and is stored after them, so what it lists is complete.
 */
final class ChecksumFile {
  /** Its name, in the base path. */
  static final String NAME = "SHA256SUMS";

  /** More are not read. */
  static final int MAX_BYTES = 16 << 20;

  private static final Pattern LINE = Pattern.compile("([0-9a-fA-F]{64}) [ *](?:\\./)?(.+)");

  private ChecksumFile() {}

  /**
   * What is read of one.
   *
   * @param limit for the whole of it; then the body is closed
   * @throws StoreException if it is too large
   */
  static byte[] read(String place, InputStream body, Duration limit) throws IOException {
    try (StallGuard _ = new StallGuard(body, limit)) {
      byte[] bytes = body.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new StoreException(
            place + ": larger than " + Sizes.shown(MAX_BYTES) + " (expected: smaller)");
      }
      return bytes;
    }
  }

  /**
   * The digests by path, as they are listed.
   *
   * @param place where it was read, for messages
   * @throws StoreException if it is not such a list
   */
  static Map<String, Digest> parse(String place, byte[] bytes) throws StoreException {
    Map<String, Digest> files = new TreeMap<>();
    int number = 0;
    for (String line : new String(bytes, StandardCharsets.UTF_8).split("\r?\n")) {
      number++;
      if (line.isEmpty()) {
        continue;
      }
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new StoreException(
            place
                + ": line "
                + number
                + ": "
                + StoredPaths.shown(line)
                + " (expected: a SHA-256 in 64 hexadecimal digits, two spaces, and a path)");
      }
      String path = matcher.group(2);
      Digest digest = new Digest(Kind.SHA256, matcher.group(1).toLowerCase(Locale.ROOT));
      if (files.put(path, digest) != null) {
        throw new StoreException(
            place + ": line " + number + ": " + StoredPaths.shown(path) + " (expected: once)");
      }
    }
    return files;
  }
}
