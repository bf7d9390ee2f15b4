package io.salver.server.tfserving;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * TensorFlow's file format for a row of records: for each its length, that length's checksum, its
 * bytes, and their checksum; little-endian.
 */
final class TfRecords {
  private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;
  private static final int CHECKSUM_BYTES = Integer.BYTES;
  private static final int MASK_DELTA = 0xa282ead8;

  private TfRecords() {}

  /** {@code record} as it stands in a file. */
  static byte[] frame(byte[] record) {
    ByteBuffer frame =
        ByteBuffer.allocate(HEADER_BYTES + record.length + CHECKSUM_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    frame.putLong(record.length);
    frame.putInt(maskedChecksum(frame.array(), 0, Long.BYTES));
    frame.put(record);
    frame.putInt(maskedChecksum(record, 0, record.length));
    return frame.array();
  }

  private static int maskedChecksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
  }

  /** Reads a file's records one after the other. Used by one thread. */
  static final class Reader {
    private final InputStream in;
    private long offset;

    Reader(InputStream in) {
      this.in = in;
    }

    /**
     * The next record, or null at the end of the file.
     *
     * @throws IOException if the file cannot be read, is cut off, or has a wrong checksum
     */
    byte @Nullable [] next() throws IOException {
      byte[] header = in.readNBytes(HEADER_BYTES);
      if (header.length == 0) {
        return null;
      }
      long start = offset;
      ByteBuffer fields = ByteBuffer.wrap(complete(header, HEADER_BYTES, start));
      fields.order(ByteOrder.LITTLE_ENDIAN);
      long length = fields.getLong();
      if (fields.getInt() != maskedChecksum(header, 0, Long.BYTES)) {
        throw corrupted(start, "the length's checksum is wrong");
      }
      if (length < 0 || length > Integer.MAX_VALUE - CHECKSUM_BYTES) {
        throw corrupted(start, "length " + length + " (expected: below 2 GiB)");
      }
      byte[] record = complete(in.readNBytes((int) length), (int) length, start);
      byte[] checksum = complete(in.readNBytes(CHECKSUM_BYTES), CHECKSUM_BYTES, start);
      if (ByteBuffer.wrap(checksum).order(ByteOrder.LITTLE_ENDIAN).getInt()
          != maskedChecksum(record, 0, record.length)) {
        throw corrupted(start, "its checksum is wrong");
      }
      offset += HEADER_BYTES + length + CHECKSUM_BYTES;
      return record;
    }

    private static byte[] complete(byte[] bytes, int expected, long start) throws IOException {
      if (bytes.length != expected) {
        throw new IOException("truncated record at " + start);
      }
      return bytes;
    }

    private static IOException corrupted(long start, String reason) {
      return new IOException("corrupted record at " + start + ": " + reason);
    }
  }
}
