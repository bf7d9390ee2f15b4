package io.salver.server.net;

import io.salver.tensor.MemoryLimitException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Byte arrays kept for reuse, in sizes that are powers of two. Those that are in use count against
 * the loop's memory. Confined to one event loop.
 */
public final class BufferPool {
  private static final int MIN_SHIFT = 10;
  private static final int MAX_SHIFT = 22;
  private static final int MAX_IDLE_BYTES = 16 << 20;

  private final LoopMemory memory;
  private final List<ArrayDeque<byte[]>> idle = new ArrayList<>();
  private int idleBytes;

  BufferPool(LoopMemory memory) {
    this.memory = memory;
    for (int shift = MIN_SHIFT; shift <= MAX_SHIFT; shift++) {
      idle.add(new ArrayDeque<>());
    }
  }

  /**
   * An array of at least {@code sizeBytes} bytes, with whatever was in it.
   *
   * @throws MemoryLimitException if that is more than is left beside the other requests
   */
  public byte[] take(int sizeBytes) {
    int shift = shift(sizeBytes);
    int length = shift > MAX_SHIFT ? sizeBytes : 1 << shift;
    memory.take(length);
    try {
      return array(shift, length);
    } catch (OutOfMemoryError noHeap) {
      memory.give(length);
      throw noHeap;
    }
  }

  private byte[] array(int shift, int length) {
    byte[] buffer = shift > MAX_SHIFT ? null : idle.get(shift - MIN_SHIFT).pollLast();
    if (buffer == null) {
      return new byte[length];
    }
    idleBytes -= length;
    return buffer;
  }

  /** Takes back an array from {@link #take}, once. */
  public void give(byte[] buffer) {
    memory.give(buffer.length);
    int shift = shift(buffer.length);
    if (shift <= MAX_SHIFT && buffer.length == 1 << shift && idleBytes < MAX_IDLE_BYTES) {
      idle.get(shift - MIN_SHIFT).addLast(buffer);
      idleBytes += buffer.length;
    }
  }

  private static int shift(int sizeBytes) {
    return Math.max(MIN_SHIFT, Integer.SIZE - Integer.numberOfLeadingZeros(sizeBytes - 1));
  }
}
