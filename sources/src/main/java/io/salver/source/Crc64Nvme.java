package io.salver.source;

import java.util.zip.Checksum;

/**
 * CRC-64/NVME, which S3 keeps of objects by default: the NVM Express NVM Command Set
 * Specification's 64-bit CRC, reflected, with all bits inverted before and after.
 */
final class Crc64Nvme implements Checksum {
  private static final long POLYNOMIAL = 0x9a6c9329ac4bc9b5L;
  private static final int SLICES = 8;
  private static final long[][] TABLES = tables();

  private long state = ~0L;

  /** Table k holds the CRC of each byte followed by k zeros, so that eight are taken at once. */
  private static long[][] tables() {
    long[][] tables = new long[SLICES][256];
    for (int b = 0; b < 256; b++) {
      long crc = b;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ POLYNOMIAL;
      }
      tables[0][b] = crc;
    }
    for (int k = 1; k < SLICES; k++) {
      for (int b = 0; b < 256; b++) {
        long before = tables[k - 1][b];
        tables[k][b] = before >>> 8 ^ tables[0][(int) before & 0xff];
      }
    }
    return tables;
  }

  @Override
  public void update(int b) {
    state = state >>> 8 ^ TABLES[0][(int) (state ^ b) & 0xff];
  }

  @Override
  public void update(byte[] bytes, int offset, int length) {
    int at = offset;
    int end = offset + length;
    for (; end - at >= SLICES; at += SLICES) {
      long crc = 0;
      for (int k = 0; k < SLICES; k++) {
        crc ^= TABLES[SLICES - 1 - k][(int) (state >>> 8 * k ^ bytes[at + k]) & 0xff];
      }
      state = crc;
    }
    for (; at < end; at++) {
      update(bytes[at]);
    }
  }

  @Override
  public long getValue() {
    return ~state;
  }

  @Override
  public void reset() {
    state = ~0L;
  }
}
