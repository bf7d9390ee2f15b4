package io.salver.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * What a file's content is known by.
 *
 * @param hex in lower case
 */
record Digest(Kind kind, String hex) {
  private static final int CHUNK_BYTES = 1 << 16;

  enum Kind {
    SHA256("SHA-256"),
    SHA1("SHA-1"),
    MD5("MD5"),
    CRC64NVME("CRC-64/NVME"),
    CRC32C("CRC-32C"),
    CRC32("CRC-32");

    private final String label;

    Kind(String label) {
      this.label = label;
    }
  }

  /** The digest of a file, read from its beginning to its end. */
  static Digest of(Kind kind, Path file) throws IOException {
    byte[] value =
        switch (kind) {
          case SHA256, SHA1, MD5 -> hash(kind.label, file);
          case CRC64NVME -> bytes(file, new Crc64Nvme());
          case CRC32C -> lastFour(bytes(file, new CRC32C()));
          case CRC32 -> lastFour(bytes(file, new CRC32()));
        };
    return new Digest(kind, HexFormat.of().formatHex(value));
  }

  private static byte[] hash(String algorithm, Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      try (InputStream in = Files.newInputStream(file)) {
        byte[] chunk = new byte[CHUNK_BYTES];
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
          digest.update(chunk, 0, n);
        }
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(Path file, Checksum checksum) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] chunk = new byte[CHUNK_BYTES];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        checksum.update(chunk, 0, n);
      }
    }
    return ByteBuffer.allocate(Long.BYTES).putLong(checksum.getValue()).array();
  }

  private static byte[] lastFour(byte[] eight) {
    return java.util.Arrays.copyOfRange(eight, 4, 8);
  }

  /** As {@code SHA-256 e3b0...}. */
  @Override
  public String toString() {
    return kind.label + " " + hex;
  }
}
