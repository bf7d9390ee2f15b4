package io.salver.source;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * A version as its store lists it.
 *
 * @param number at least 0
 * @param directory its name below the base path, which stands for the number
 * @param files by path
 * @param newest when the last of them was stored, as the store says
 * @param complete whether the store has been told that these are all files, and what is in them
 */
record StoredVersion(
    long number, String directory, List<StoredFile> files, Instant newest, boolean complete) {
  private static final int FINGERPRINT_BYTES = 16;

  StoredVersion {
    files = files.stream().sorted(Comparator.comparing(StoredFile::path)).toList();
  }

  /** A name for exactly this content, in hexadecimal digits. */
  String fingerprint() {
    StringBuilder text = new StringBuilder();
    for (StoredFile file : files) {
      text.append(file.path())
          .append('\0')
          .append(file.sizeBytes())
          .append('\0')
          .append(file.tag())
          .append('\0')
          .append(file.digest())
          .append('\n');
    }
    return fingerprint(text.toString());
  }

  static String fingerprint(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, FINGERPRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
