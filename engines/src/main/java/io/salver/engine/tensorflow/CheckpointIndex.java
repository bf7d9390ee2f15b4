package io.salver.engine.tensorflow;

import io.salver.wire.ProtoReader;
import io.salver.wire.WireFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@code variables.index}: a sorted table of LevelDB's format, from tensor names to places in the
 * data files. Read for the number of data files and for how long each has to be.
 *
 * <p>The table is blocks and a footer of 48 bytes, which ends in a magic number and points to the
 * index block, whose values point to the other blocks. A block's keys share prefixes with those
 * before; here only the empty first key, the header, matters.
 *
 * @param shardBytes the least size of each data file, by its number
 */
record CheckpointIndex(List<Long> shardBytes) {
  private static final int FOOTER_BYTES = 48;
  private static final long MAGIC = 0xdb47_7524_8b80_fb57L;
  private static final int MAX_SHARDS = 1 << 20;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Where a block lies in the file. */
  private record Handle(long offset, long size) {
    static Handle read(ProtoReader reader) {
      return new Handle(reader.readVarint(), reader.readVarint());
    }
  }

  /** What to do with an entry of a block. */
  private interface Entries {
    void accept(boolean emptyKey, MemorySegment value);
  }

  /** Whether the file ends as such a table ends. */
  static boolean hasFooter(MemorySegment file) {
    return file.byteSize() >= FOOTER_BYTES && file.get(LONG, file.byteSize() - Long.BYTES) == MAGIC;
  }

  /**
   * Reads a table that has its footer.
   *
   * @throws WireFormatException if it is broken, or compressed, which TensorFlow never does
   */
  static CheckpointIndex read(MemorySegment file) {
    try {
      ProtoReader footer =
          new ProtoReader(file.asSlice(file.byteSize() - FOOTER_BYTES, FOOTER_BYTES));
      Handle.read(footer);
      Shards shards = new Shards();
      readBlock(
          file,
          Handle.read(footer),
          (empty, value) -> readBlock(file, Handle.read(new ProtoReader(value)), shards::add));
      return new CheckpointIndex(shards.bytes());
    } catch (IndexOutOfBoundsException e) {
      throw new WireFormatException("table: " + e.getMessage());
    }
  }

  private static void readBlock(MemorySegment file, Handle handle, Entries entries) {
    if (file.get(ValueLayout.JAVA_BYTE, handle.offset + handle.size) != 0) {
      throw new WireFormatException("table: compressed block (expected: none)");
    }
    MemorySegment block = file.asSlice(handle.offset, handle.size);
    long restarts = block.get(INT, handle.size - Integer.BYTES) & 0xffff_ffffL;
    long end = handle.size - Integer.BYTES * (restarts + 1);
    long at = 0;
    while (at < end) {
      ProtoReader reader = new ProtoReader(block.asSlice(at));
      long sharedBytes = reader.readVarint();
      long keyBytes = reader.readVarint();
      long valueBytes = reader.readVarint();
      long value = at + reader.position() + keyBytes;
      entries.accept(sharedBytes + keyBytes == 0, block.asSlice(value, valueBytes));
      at = value + valueBytes;
    }
  }

  /** What the entries say of the data files. */
  private static final class Shards {
    private long count;
    private final Map<Long, Long> endBytes = new HashMap<>();

    void add(boolean isHeader, MemorySegment value) {
      Map<Integer, Long> fields = integers(value);
      if (isHeader) {
        count = fields.getOrDefault(1, 0L);
        return;
      }
      long end = fields.getOrDefault(4, 0L) + fields.getOrDefault(5, 0L);
      endBytes.merge(fields.getOrDefault(3, 0L), end, Math::max);
    }

    private static Map<Integer, Long> integers(MemorySegment message) {
      Map<Integer, Long> fields = new HashMap<>();
      ProtoReader reader = new ProtoReader(message);
      while (reader.next()) {
        if (reader.wireType() == ProtoReader.VARINT) {
          fields.put(reader.field(), reader.readVarint());
        } else {
          reader.skip();
        }
      }
      return fields;
    }

    List<Long> bytes() {
      if (count < 0 || count > MAX_SHARDS) {
        throw new WireFormatException("table: " + count + " data files");
      }
      List<Long> bytes = new ArrayList<>();
      for (long shard = 0; shard < count; shard++) {
        bytes.add(endBytes.getOrDefault(shard, 0L));
      }
      return bytes;
    }
  }
}
